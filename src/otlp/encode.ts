// SPDX-License-Identifier: MIT
// Snapshot to OTLP profiles: the messages of opentelemetry-proto v1.11.0, profiles/v1development. A
// profile has one kind of figure there, so a snapshot is two or four of them.
import { effectiveInterval } from '../traces/effective-interval.js';
import type { SnapshotData, SnapshotFacts } from '../traces/facts.js';
import type { Trace } from '../traces/trace.js';
import { type AttributeValue, Dictionary, writeAny } from './dictionary.js';
import { encoded, type MessageWriter } from './writer.js';

/** What is said of the process besides what a snapshot says. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

interface Kind {
  readonly name: string;
  readonly unit: 'bytes' | 'count';
  readonly figure: 'size' | 'count' | 'allocatedSize' | 'allocatedCount';
}

/** Named as in Go's heap profiles. Tools show the first one. */
const KINDS: readonly Kind[] = [
  { name: 'inuse_space', unit: 'bytes', figure: 'size' },
  { name: 'inuse_objects', unit: 'count', figure: 'count' },
  { name: 'alloc_space', unit: 'bytes', figure: 'allocatedSize' },
  { name: 'alloc_objects', unit: 'count', figure: 'allocatedCount' },
];

export interface OtlpInput extends SnapshotData {
  /** Attributes of the resource. */
  readonly attributes: Attributes;
  /** The version of this package. */
  readonly version: string;
}

/**
 * The protobuf of an ExportProfilesServiceRequest, which is that of a ProfilesData, too; not
 * compressed.
 */
export function encodeOtlp({ traces, facts, attributes, version }: OtlpInput): Uint8Array {
  const dictionary = new Dictionary();
  const all = [...traces];
  const kinds = KINDS.filter(({ figure }) => all.some((trace) => trace[figure] !== undefined));
  return encoded((request) => {
    request.message(1, (ofResource) => {
      ofResource.message(1, (resource) => {
        const known = { ...processAttributes(facts), ...attributes };
        for (const [key, value] of Object.entries(known)) writeAttribute(resource, key, value);
      });
      ofResource.message(2, (ofScope) => {
        ofScope.message(1, (scope) => {
          scope.text(1, 'tracemalloc');
          scope.text(2, version);
        });
        for (const kind of kinds) {
          ofScope.message(2, (profile) => writeProfile(profile, kind, { all, facts, dictionary }));
        }
      });
    });
    request.message(2, (tables) => dictionary.write(tables));
  });
}

function processAttributes({ process: { pid, nodeVersion } }: SnapshotFacts): Attributes {
  return {
    ...(pid > 0 ? { 'process.pid': pid } : {}),
    'process.runtime.name': 'nodejs',
    ...(nodeVersion === '' ? {} : { 'process.runtime.version': nodeVersion.replace(/^v/, '') }),
  };
}

function writeAttribute(resource: MessageWriter, key: string, value: AttributeValue): void {
  resource.message(1, (attribute) => {
    attribute.text(1, key);
    attribute.message(2, (any) => writeAny(any, value));
  });
}

interface Content {
  readonly all: readonly Trace[];
  readonly facts: SnapshotFacts;
  readonly dictionary: Dictionary;
}

function writeProfile(profile: MessageWriter, kind: Kind, { all, facts, dictionary }: Content) {
  const { timestamp, duration = 0, process } = facts;
  const writeType = (field: number, name: string, unit: string) =>
    profile.message(field, (type) => {
      type.integer(1, dictionary.string(name));
      type.integer(2, dictionary.string(unit));
    });
  writeType(1, kind.name, kind.unit);
  for (const trace of all) {
    for (const { value, type } of sharesOf(trace, kind)) {
      if (value === 0) continue;
      profile.message(2, (sample) => {
        const attributes = [
          dictionary.attribute('tracemalloc.domain', trace.domain),
          ...(type === undefined ? [] : [dictionary.attribute('tracemalloc.type', type)]),
          ...Object.entries(trace.labels).map(([name, text]) => dictionary.attribute(name, text)),
        ];
        sample.integer(1, dictionary.stack(trace.traceback.frames));
        sample.integers(2, attributes);
        sample.integers(4, [value]);
      });
    }
  }
  profile.fixed64(3, BigInt(Math.round(Math.max(0, timestamp - duration))) * 1_000_000n);
  profile.integer(4, Math.round(duration * 1e6));
  writeType(5, 'space', 'bytes');
  profile.integer(6, Math.round(effectiveInterval(all, facts)));
  const ids = { 'thread.id': process.threadId, 'tracemalloc.survivors': facts.survivors };
  const attributes = Object.entries(ids).flatMap(([key, value]) =>
    value ? [dictionary.attribute(key, value)] : [],
  );
  profile.integers(11, attributes);
}

/** Whole numbers, as the format wants them: by type as far as that is known, then the rest. */
function sharesOf(
  trace: Trace,
  { figure }: Kind,
): readonly { readonly value: number; readonly type?: string }[] {
  const whole = Math.round(trace[figure] ?? 0);
  if (figure !== 'size' && figure !== 'count') return [{ value: whole }];
  const shares = trace.types.map((share) => ({
    value: Math.round(share[figure]),
    type: share.type,
  }));
  const rest = shares.reduce((left, { value }) => left - value, whole);
  return [...shares, { value: shares.length > 0 ? Math.max(0, rest) : rest }];
}
