// SPDX-License-Identifier: MIT
// OTLP profiles as protobufjs decodes them, by the fields that otlp-profiles.proto lists; with
// indices followed, and the rules of the schema checked.
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { expect } from 'vitest';

const SCHEMA = fileURLToPath(new URL('otlp-profiles.proto', import.meta.url));
const request = protobuf.loadSync(SCHEMA).lookupType('Request');

type Value = string | number | boolean;

interface OtlpSample {
  /** `file:line:function`, the allocating one first. */
  readonly stack: readonly string[];
  readonly value: number;
  readonly attributes: Readonly<Record<string, Value>>;
}

interface OtlpProfile {
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly OtlpSample[];
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly period: number;
  readonly attributes: Readonly<Record<string, Value>>;
}

export interface OtlpRequest {
  readonly resource: Readonly<Record<string, Value>>;
  readonly scope: string;
  readonly profiles: readonly OtlpProfile[];
  readonly frameTypes: readonly Value[];
}

// biome-ignore lint/suspicious/noExplicitAny: the shape that the schema gives
type Message = any;

export function decodeOtlp(bytes: Uint8Array): OtlpRequest {
  const message = request.decode(bytes);
  // A field that the schema lacks would be lost here.
  expect(Buffer.from(request.encode(message).finish()).length).toBe(bytes.length);
  const { resourceProfiles, dictionary }: Message = request.toObject(message, {
    ...{ longs: String, arrays: true, defaults: true, oneofs: true },
  });
  requireRules(dictionary);
  const { stringTable, attributeTable, stackTable, locationTable, functionTable } = dictionary;
  const attributesOf = (indices: number[]) => {
    const entries = indices.map((index) => {
      expect(index).toBeGreaterThan(0);
      const { keyStrindex, value } = attributeTable[index];
      return [stringTable[keyStrindex], anyOf(value)] as const;
    });
    expect(new Set(entries.map(([key]) => key)).size).toBe(entries.length);
    return Object.fromEntries(entries);
  };
  const frameOf = (index: number) => {
    const [line, more] = locationTable[index].lines;
    expect(more).toBeUndefined();
    const { nameStrindex, filenameStrindex } = functionTable[line.functionIndex];
    return `${stringTable[filenameStrindex]}:${line.line}:${stringTable[nameStrindex]}`;
  };
  const [{ resource, scopeProfiles }] = resourceProfiles;
  const [{ scope, profiles }] = scopeProfiles;
  return {
    resource: keyValues(resource.attributes),
    scope: `${scope.name} ${scope.version}`,
    profiles: profiles.map((profile: Message) => ({
      type: stringTable[profile.sampleType.typeStrindex],
      unit: stringTable[profile.sampleType.unitStrindex],
      samples: profile.samples.map((sample: Message) => ({
        stack: stackTable[sample.stackIndex].locationIndices.map(frameOf),
        value: Number(oneOf(sample.values)),
        attributes: attributesOf(sample.attributeIndices),
      })),
      time: Number(BigInt(profile.timeUnixNano) / 1_000_000n),
      duration: Number(profile.durationNano) / 1e6,
      period: Number(profile.period),
      attributes: attributesOf(profile.attributeIndices),
    })),
    frameTypes: locationTable
      .slice(1)
      .map((location: Message) => attributesOf(location.attributeIndices)['profile.frame.type']),
  };
}

/** The first item of each table is the empty one, and no item is there twice. */
function requireRules(dictionary: Message): void {
  for (const [name, table] of Object.entries<Message[]>(dictionary)) {
    const texts = table.map((item) => JSON.stringify(item));
    expect(new Set(texts).size, name).toBe(texts.length);
    expect(table.length, name).toBeGreaterThan(0);
  }
  const { linkTable, stringTable, ...others } = dictionary;
  expect(stringTable[0]).toBe('');
  expect(linkTable).toHaveLength(1);
  for (const [name, [first]] of Object.entries<Message[]>(others)) {
    const isSet = (field: Message) => field && field !== '0' && field.length !== 0;
    expect(Object.values(first).filter(isSet), name).toEqual([]);
  }
}

function oneOf<Item>(items: readonly Item[]): Item {
  expect(items).toHaveLength(1);
  return items[0]!;
}

function keyValues(attributes: Message[]): Record<string, Value> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, anyOf(value)]));
}

function anyOf(any: Message): Value {
  const value = any[any.value];
  return any.value === 'intValue' ? Number(value) : value;
}
