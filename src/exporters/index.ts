// SPDX-License-Identifier: MIT

export type { Sources } from '../files/source-lines.js';
export type { ProcessHistory } from '../html/history.js';
export { type HtmlOptions, toHtml } from '../html/render.js';
export type { AttributeValue } from '../otlp/dictionary.js';
export type { Attributes } from '../otlp/encode.js';
export type { Bytes } from './bytes.js';
export { toFolded } from './folded.js';
export { toHeapProfile } from './heapprofile.js';
export { toJson } from './json.js';
export { toOtlp } from './otlp.js';
export { toPprof } from './pprof.js';
export { toSpeedscope } from './speedscope.js';
export { diffToText, type TextOptions, toText } from './text.js';
