// SPDX-License-Identifier: MIT
// Shows what keeps the objects of a line alive, in a service that has createHandler(), or in a
// process that is attached to for the time of the search.
import { setTimeout as delay } from 'node:timers/promises';
import { attachedSocket } from '../attach/attached-socket.js';
import { Attachment } from '../attach/attachment.js';
import { TracemallocError } from '../errors.js';
import type { FoundRetainers, RetainersAnswer } from '../html/live-data.js';
import { OPTIONS } from '../options.js';
import { nodeProgramOf } from '../processes/node-program.js';
import { readProcess } from '../processes/process-state.js';
import { listeningAround } from '../processes/sockets.js';
import { isLine } from '../retainers/matching.js';
import { plainJson } from '../text/plain-text.js';
import { siteRetainersText } from '../text/retainer-tree.js';
import { ATTACHING, note, whileAttached } from './attaching.js';
import { defineCommand, UsageError, type Values } from './command.js';
import { MOST_JSON } from './download.js';
import { bytesFrom, isUrl, serviceUrl, sourceOf, TOKEN } from './input.js';
import { print } from './output.js';
import { parseRetainers } from './retainers-answer.js';

const PATH = '/debug/tracemalloc/retainers';
/** Additional time for what a service does besides the search, ms. */
const MARGIN_MS = 20_000;
const MOST_PORT = 65_535;

export const NO_SITES = 'no line was looked at: none has sampled objects';

export const OPTIONS_OF_WHY = {
  samples: {
    value: 'N',
    short: 'n',
    meaning: 'objects that are looked at, chosen at random',
    ...OPTIONS.samples.text,
  },
  timeout: {
    value: 'TIME',
    meaning: 'how long the search may take',
    ...OPTIONS.searchTimeout.text,
  },
  json: { meaning: 'print the answer as one line of JSON' },
  for: {
    value: 'TIME',
    meaning: 'with a pid: how long it is traced before the search, if nothing has traced it yet',
    ...OPTIONS.tracedBefore.text,
  },
  ...ATTACHING,
  ...TOKEN,
} as const;

type WhyValues = Values<typeof OPTIONS_OF_WHY>;

export const why = defineCommand({
  name: 'why',
  summary:
    'Shows what keeps the objects of a line alive: variables, properties, functions, timers.\nWithout FILE:LINE it looks at the suspects of the reports, else at the line of your own that holds\nmost. A process that is named by its pid is attached to meanwhile, see `tracemalloc attach --help`;\na number that is both a pid and a port is written pid:4711 or http://127.0.0.1:4711.',
  operands: 'URL|PORT|PID [FILE:LINE]',
  arity: [1, 2],
  options: OPTIONS_OF_WHY,
  examples: [
    'tracemalloc why 3000',
    'tracemalloc why 3000 fetchuserdata.js:6 --samples 50',
    'tracemalloc why pid:4711 src/cache.js:12 --for 60s',
  ],
  async run(values, [operand = '', site]) {
    if (site !== undefined && !isLine(site)) {
      throw new UsageError(`${site} is not a line such as file.js:6`);
    }
    const named = site?.replace(/^(?:\.\/)+/, '');
    const target = targetOf(operand);
    if (typeof target === 'string') {
      await tell(await ask(target, { values, site: named }), values);
      return 0;
    }
    return whyOfProcess(target.pid, values, named);
  },
});

/** A URL, or a process. */
function targetOf(operand: string): string | { readonly pid: number } {
  const [, pid] = /^pid:(\d{1,9})$/.exec(operand) ?? [];
  if (pid !== undefined) return { pid: Number(pid) };
  const source = sourceOf(operand);
  if (!isUrl(source)) throw new UsageError(`${operand} is neither a URL, nor a port, nor a pid`);
  const number = Number(operand);
  if (source === operand || process.platform !== 'linux') return source;
  const isProcess = number > MOST_PORT || nodeProgramOf(number) !== undefined;
  if (!isProcess) return source;
  if (listeningAround(process.pid).some(({ port }) => port === number)) {
    throw new UsageError(
      `${operand} is both a port and the pid of a Node.js process: write ${source} or pid:${operand}`,
    );
  }
  return { pid: number };
}

async function whyOfProcess(
  pid: number,
  values: WhyValues,
  site: string | undefined,
): Promise<number> {
  const askAt = async (socketPath: string, signal?: AbortSignal) => {
    const shownAs = `process ${pid}`;
    const options = { values, site, socketPath, shownAs, ...(signal && { signal }) };
    await tell(await ask('http://localhost', options), values);
  };
  const state = readProcess(pid);
  if (state !== undefined && attachedSocket(pid) !== undefined) {
    await askAt(new Attachment(state).socketPath);
    return 0;
  }
  const attaching = { pid, values, patience: OPTIONS.attachTimeout.default, isWhole: true };
  return whileAttached(attaching, async ({ attachment, wasTracing, signal }) => {
    if (!wasTracing) {
      note(`objects are sampled for ${values.for / 1000} s first (--for)`);
      await delay(values.for, undefined, { signal });
    }
    try {
      await askAt(attachment.socketPath, signal);
    } catch (error) {
      if (!wasTracing) note('what existed before is unknown; --for TIME traces longer');
      throw error;
    }
  });
}

interface Question {
  readonly values: WhyValues;
  readonly site: string | undefined;
  readonly socketPath?: string;
  readonly shownAs?: string;
  readonly signal?: AbortSignal;
}

/** @throws (rejects) TracemallocError ERR_READ_FAILED, ERR_INVALID_ARGUMENT. */
async function ask(source: string, { values, site, ...where }: Question): Promise<RetainersAnswer> {
  const { samples, timeout, token } = values;
  const url = serviceUrl(source, PATH);
  const asked = { samples: String(samples), timeout: `${timeout}ms`, format: 'json' };
  for (const [name, text] of Object.entries(asked)) url.searchParams.set(name, text);
  if (site !== undefined) url.searchParams.set('site', site);
  const { socketPath } = where;
  const patience = timeout + MARGIN_MS;
  const shownAs = where.shownAs ?? source;
  const body = await bytesFrom(url, {
    token: socketPath === undefined ? token : undefined,
    ...where,
    ...{ patience, shownAs, most: MOST_JSON },
  });
  const answer = parseRetainers(Buffer.from(body).toString());
  if (answer !== undefined) return answer;
  throw new TracemallocError(
    'ERR_READ_FAILED',
    `${shownAs} does not say what holds objects: there is no createHandler() at ${url.pathname}, or it is of another version`,
  );
}

async function tell(answer: RetainersAnswer, { json }: WhyValues): Promise<void> {
  const text = json
    ? plainJson(answer)
    : answer.sites.map((site) => siteRetainersText(nearer(site))).join('\n\n') || NO_SITES;
  await print(`${text}\n`);
}

/** Paths below the working directory are relative, as in other commands. */
function nearer(site: FoundRetainers): FoundRetainers {
  const here = `${process.cwd().replace(/\/$/, '')}/`;
  if (here === '/') return site;
  const near = (text: string) => text.replaceAll(here, '');
  const paths = site.paths.map(({ count, steps }) => ({ count, steps: steps.map(near) }));
  return { ...site, site: near(site.site), paths };
}
