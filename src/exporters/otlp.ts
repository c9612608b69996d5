// SPDX-License-Identifier: MIT
import { packageVersion } from '../files/package-files.js';
import { type Attributes, encodeOtlp } from '../otlp/encode.js';
import type { Snapshot } from '../snapshot/snapshot.js';

/**
 * OpenTelemetry profiles, as a collector takes them at `/v1development/profiles` and as files have
 * them: the protobuf of `ExportProfilesServiceRequest` and of `ProfilesData`, which are the same
 * bytes, by the schema of opentelemetry-proto v1.11.0, `profiles/v1development` (alpha).
 *
 * `attributes` are those of the resource, such as `{ 'service.name': 'shop' }`; the process's id and
 * Node's version are there already.
 *
 * @returns not compressed. A profile for each figure, named as in pprof: `inuse_space`,
 *   `inuse_objects` and, where they are known, `alloc_space`, `alloc_objects`. Domains, types and
 *   approximate lines are attributes; errors are not in it.
 * Cost: linear in the frames of all stacks.
 */
export function toOtlp(
  snapshot: Snapshot,
  { attributes = {} }: { attributes?: Attributes } = {},
): Uint8Array {
  return encodeOtlp({
    ...{ traces: snapshot.traces, facts: snapshot },
    ...{ attributes, version: packageVersion },
  });
}
