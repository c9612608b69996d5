// SPDX-License-Identifier: MIT
// Labels of their own for HTTP servers' requests: `route`, such as `GET /users/:id`.
import diagnostics from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { quietly } from '../host/quietly.js';
import type { Labels } from '../traces/labels.js';
import { currentLabels, enterLabels, prepareLabels, withLabels } from './label.js';
import { routeOfExpress, routeOfUrl } from './route-names.js';

/** The most routes that are guessed from paths: scanners request many paths that do not exist. */
const MOST_GUESSED = 64;
const guessed = new Set<string>();

/** Of requests, by themselves. */
const routes = new WeakMap<object, string>();

/**
 * Gives requests the label `route` from now on: for Node's HTTP and HTTP/2 servers their method and
 * path, for Fastify by its own channel, and for Express and what works like it, once a route is
 * found, the route's pattern. Returns a function that ends this.
 */
export function labelRoutes(): () => void {
  guessed.clear();
  prepareLabels();
  const subscriptions = Object.entries(CHANNELS).map(([name, observe]) => {
    const listener = (message: unknown) => quietly(() => observe(Object(message) as Published));
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
  readonly request?: EventEmitter & { readonly method?: unknown; readonly url?: unknown };
  readonly response?: EventEmitter;
  readonly headers?: { readonly ':method'?: unknown; readonly ':path'?: unknown };
  readonly route?: { readonly method?: unknown; readonly url?: unknown };
}

const CHANNELS: Readonly<Record<string, (message: Published) => void>> = {
  'http.server.request.start'({ request, response }) {
    const route = guess(request?.method, request?.url);
    if (request === undefined || route === undefined) return;
    enterRoute(request, route);
    followEvents(request, request);
    if (response !== undefined) followEvents(response, request);
  },
  'http2.server.stream.start'({ headers }) {
    const route = guess(headers?.[':method'], headers?.[':path']);
    if (route !== undefined) enterLabels(labelsOfRoute(route));
  },
  'tracing:fastify.request.handler:start'({ route }) {
    if (typeof route?.url === 'string') enterLabels(labelsOfRoute(`${route.method} ${route.url}`));
  },
};

function guess(method: unknown, url: unknown): string | undefined {
  const route = routeOfUrl(method, url);
  if (route === undefined || guessed.has(route)) return route;
  if (guessed.size === MOST_GUESSED) return `${method} (other)`;
  guessed.add(route);
  return route;
}

const MOST_KEPT = 1000;
const kept = new Map<string, Labels>();

/** The same object for the same route, so that its number is found at once. */
function labelsOfRoute(route: string): Labels {
  const known = kept.get(route);
  if (known !== undefined) return known;
  if (kept.size === MOST_KEPT) kept.clear();
  const labels = Object.freeze({ route });
  kept.set(route, labels);
  return labels;
}

function enterRoute(request: object, route: string): void {
  routes.set(request, route);
  enterLabels(labelsOfRoute(route));
}

/**
 * Listeners of a request's events are called with its label: a body arrives, and a response ends, in
 * callbacks of the connection, which may be in the middle of another request.
 */
function followEvents(emitter: EventEmitter, request: object): void {
  const { emit } = emitter;
  Object.defineProperty(emitter, 'emit', {
    ...{ configurable: true, writable: true, enumerable: false },
    value(this: EventEmitter, ...event: unknown[]) {
      const call = () => Reflect.apply(emit, this, event);
      const route = routes.get(request);
      const isThere = route === undefined || currentLabels()['route'] === route;
      return isThere ? call() : withLabels(labelsOfRoute(route), call);
    },
  });
}

/** Values of the property `route` of requests. */
const assigned = new WeakMap<object, unknown>();

const ROUTE_OF_EXPRESS = {
  configurable: true,
  enumerable: true,
  get(this: object): unknown {
    return assigned.get(this);
  },
  set(this: object, value: unknown): void {
    if (Object(this) !== this) return;
    if (!Object.hasOwn(this, 'route') && !Reflect.defineProperty(this, 'route', ROUTE_OF_EXPRESS)) {
      throw new TypeError('Cannot add property route, object is not extensible');
    }
    assigned.set(this, value);
    quietly(() => {
      const route = routeOfExpress(this, value);
      if (route !== undefined) enterRoute(this, route);
    });
  },
};

/**
 * Express publishes nothing, but sets `request.route` to each route that it has found, just before
 * it calls its handlers. An accessor sees this, first of the prototype, then of the request itself.
 */
function watchRoutesOfExpress(): () => void {
  const { prototype } = IncomingMessage;
  // Not if other code has defined the property; a frozen prototype can't have it.
  const isOurs =
    !('route' in prototype) &&
    Reflect.defineProperty(prototype, 'route', { ...ROUTE_OF_EXPRESS, enumerable: false });
  return () => {
    const now = Object.getOwnPropertyDescriptor(prototype, 'route');
    if (isOurs && now?.set === ROUTE_OF_EXPRESS.set) Reflect.deleteProperty(prototype, 'route');
  };
}
