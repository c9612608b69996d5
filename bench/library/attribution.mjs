// SPDX-License-Identifier: MIT
// Every tracker's profile in one form: rows of { frames: [{ url, line }, ...], bytes }, the innermost
// frame first; and the place of the application to which a row is attributed. The same rule for
// all: the innermost frame that is in a file, and not in one of Node's.
import { pathToFileURL } from 'node:url';

/** Rows of a tree of V8's sampling profiler, whose lines are those where functions begin. */
export function rowsOfTree(root, describe) {
  const rows = [];
  const visit = (node, outer) => {
    const { frame, bytes } = describe(node);
    const frames = [frame, ...outer];
    if (bytes > 0) rows.push({ frames, bytes });
    for (const child of node.children) visit(child, frames);
  };
  visit(root, []);
  return rows;
}

/** A node of the inspector's protocol, where lines begin at 0. */
export const ofProtocol = ({ callFrame, selfSize }) => ({
  frame: { url: callFrame.url, line: callFrame.lineNumber + 1 },
  bytes: selfSize,
});

/** A node as the pprof packages return it; its sizes are already scaled. */
export const ofPprof = ({ scriptName, lineNumber, allocations }) => ({
  frame: { url: scriptName, line: lineNumber },
  bytes: allocations.reduce((sum, { sizeBytes, count }) => sum + sizeBytes * count, 0),
});

const NOBODY = { url: '', line: 0 };
const isApplication = ({ url }) => url !== '' && !/^(node:|\()/.test(url);

/** Live bytes by place, largest first. `error`: their standard error, if the tracker reports it. */
export function placesOf(rows) {
  const places = new Map();
  for (const { frames, bytes, variance = 0 } of rows) {
    const { url, line, approximate = false } = frames.find(isApplication) ?? NOBODY;
    const key = `${url}:${line}`;
    const place = places.get(key) ?? { url, line, approximate, bytes: 0, variance: 0 };
    place.bytes += bytes;
    place.variance += variance;
    place.approximate ||= approximate;
    places.set(key, place);
  }
  return [...places.values()]
    .map(({ url, variance, ...rest }) => ({
      ...rest,
      url: url.startsWith('/') ? pathToFileURL(url).href : url,
      error: Math.sqrt(variance),
    }))
    .sort((a, b) => b.bytes - a.bytes);
}

/**
 * The place that the tracker reports as the largest: the leak's line, the function that contains it
 * (`function` is as exact as V8's own profiles are), or another; and the bytes reported there.
 * `guessed`: bytes at other lines of that file whose line is marked as approximate.
 */
export function judge(places, { url, line, functionLine }) {
  const [top = { ...NOBODY, bytes: 0, error: 0, approximate: false }] = places;
  const isAt = (wanted) => top.url === url && top.line === wanted;
  const named = isAt(line) ? 'line' : isAt(functionLine) ? 'function' : 'another';
  const { bytes, error, approximate } = top;
  const guessed = places
    .filter((place) => place !== top && place.url === url && place.approximate)
    .reduce((sum, place) => sum + place.bytes, 0);
  const place = `${top.url.split('/').at(-1)}:${top.line}`;
  return { named, bytes, error, approximate, guessed, place };
}
