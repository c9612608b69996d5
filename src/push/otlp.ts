// SPDX-License-Identifier: MIT
// A snapshot as a request of OTLP over HTTP: what was allocated in a window and what was live at its
// end, as OpenTelemetry profiles.
import { shown, TracemallocError } from '../errors.js';
import { packageVersion } from '../files/package-files.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { PostRequest } from './post.js';
import type { ServerOptions } from './pyroscope.js';
import { endpointOf, windowOf } from './window.js';

const { promisify } = process.getBuiltinModule('node:util');

const ENDPOINT = { path: '/v1development/profiles', example: 'http://collector:4318' };

/**
 * Makes the request for a snapshot and the one before it.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function otlpRequest(
  options: ServerOptions,
): (snapshot: Snapshot, previous: Snapshot) => Promise<PostRequest> {
  const { url: given, application, labels = {}, headers = {} } = options ?? {};
  const url = endpointOf(given, ENDPOINT);
  const attributes = { ...attributesOf(labels), 'service.name': nameOf(application) };
  return async (snapshot, previous) => {
    const { encodeOtlp } = await import('../otlp/encode.js');
    const { gzip } = process.getBuiltinModule('node:zlib');
    const window = windowOf(snapshot, previous);
    const request = encodeOtlp({ ...window, attributes, version: packageVersion });
    return {
      url,
      headers: {
        ...headers,
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
      },
      body: await promisify(gzip)(request),
    };
  };
}

function nameOf(application: unknown): string {
  if (typeof application === 'string' && application !== '') return application;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `application must be the name of the service, not ${shown(application)}`,
  );
}

function attributesOf(labels: Readonly<Record<string, unknown>>): Record<string, string> {
  for (const [key, value] of Object.entries(labels)) {
    if (key !== '' && typeof value === 'string') continue;
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `labels must be names with strings; ${shown(key)} is ${shown(value)}`,
    );
  }
  return labels as Record<string, string>;
}
