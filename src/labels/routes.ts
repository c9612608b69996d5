// SPDX-License-Identifier: MIT
// Labels of their own for HTTP servers' requests: `route`, such as `GET /users/:id`.
import diagnostics from 'node:diagnostics_channel';
import { IncomingMessage } from 'node:http';
import { quietly } from '../host/quietly.js';
import { enterLabels } from './label.js';
import { routeOfUrl } from './route-of-url.js';

interface Routed extends IncomingMessage {
  readonly baseUrl?: unknown;
}

/**
 * From now on, requests have the label `route`: for Node's HTTP and HTTP/2 servers their method and
 * path, for Fastify by its own channel, and for Express and what works like it, once a route is
 * found, the route's pattern. Returns what ends it.
 */
export function labelRoutes(): () => void {
  const subscriptions = Object.entries(CHANNELS).map(([name, labelOf]) => {
    const listener = (message: unknown) =>
      quietly(() => enterRoute(labelOf(Object(message) as Published)));
    diagnostics.subscribe(name, listener);
    return () => diagnostics.unsubscribe(name, listener);
  });
  const stopWatching = watchRoutesOfExpress();
  return () => {
    for (const end of subscriptions) end();
    stopWatching();
  };
}

/** What the channels publish, as far as it is used. */
interface Published {
  readonly request?: { readonly method?: unknown; readonly url?: unknown };
  readonly headers?: { readonly ':method'?: unknown; readonly ':path'?: unknown };
  readonly route?: { readonly method?: unknown; readonly url?: unknown };
}

const CHANNELS: Readonly<Record<string, (message: Published) => string | undefined>> = {
  'http.server.request.start': ({ request }) => routeOfUrl(request?.method, request?.url),
  'http2.server.stream.start': ({ headers }) =>
    routeOfUrl(headers?.[':method'], headers?.[':path']),
  'tracing:fastify.request.handler:start': ({ route }) =>
    typeof route?.url === 'string' ? `${route.method} ${route.url}` : undefined,
};

function enterRoute(route: string | undefined): void {
  if (route !== undefined) enterLabels({ route });
}

/**
 * Express publishes nothing, but sets `request.route` to the route that it has found, just before it
 * calls its handlers. The accessor that sees this makes an ordinary property of it.
 */
function watchRoutesOfExpress(): () => void {
  const { prototype } = IncomingMessage;
  // Whoever else defines it knows why.
  if ('route' in prototype) return () => {};
  Object.defineProperty(prototype, 'route', {
    configurable: true,
    get: () => undefined,
    set(this: Routed, value: unknown) {
      Object.defineProperty(this, 'route', {
        ...{ value, writable: true, enumerable: true, configurable: true },
      });
      quietly(() => enterRoute(routeOfExpress(this, value)));
    },
  });
  return () => Reflect.deleteProperty(prototype, 'route');
}

function routeOfExpress(request: Routed, route: unknown): string | undefined {
  const { path } = Object(route);
  if (typeof path !== 'string') return undefined;
  const mounted = typeof request.baseUrl === 'string' ? request.baseUrl : '';
  return `${request.method} ${mounted}${path}`;
}
