// SPDX-License-Identifier: MIT
// The tools of the MCP server, a row each. Their answers are what the commands print as Markdown.
import { setTimeout as delay } from 'node:timers/promises';
import { ledgerTable } from '../ledger/ledger-markdown.js';
import { OPTIONS } from '../options.js';
import { reportMarkdown } from '../report/report-markdown.js';
import { isLine } from '../retainers/matching.js';
import { markdownBlock, markdownQuote } from '../text/markdown.js';
import { siteRetainersText } from '../text/retainer-tree.js';
import type { Options, Values } from './command.js';
import { examination } from './doctor.js';
import { comparison, SORT, topSites } from './listing.js';
import type { Attachments } from './mcp-attachments.js';
import { ToolError } from './mcp-inputs.js';
import { type Allowed, serviceOf, TARGET } from './mcp-targets.js';
import { processList } from './ps.js';
import { shownOf } from './report-answer.js';
import { VIEW } from './view.js';
import { NO_SITES, OPTIONS_OF_WHY } from './why.js';

/** What all tools share. */
export interface Server {
  readonly allowed: Allowed;
  readonly attachments: Attachments;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputs: Options;
  /** It changes another process: offered only if the user has allowed that. */
  readonly attaches?: true;
  /** Returns Markdown. */
  readonly run: (
    values: Values<Options>,
    server: Server,
    signal: AbortSignal,
  ) => Promise<string> | string;
}

/** Keeps the types of the inputs for `run`. */
function defineTool<const O extends Options>(
  tool: Omit<Tool, 'inputs' | 'run'> & {
    readonly inputs: O;
    readonly run: (
      values: Values<O>,
      server: Server,
      signal: AbortSignal,
    ) => Promise<string> | string;
  },
): Tool {
  return tool as unknown as Tool;
}

const APART = {
  for: {
    value: 'TIME',
    meaning: 'time between the two snapshots',
    ...OPTIONS.apart.text,
  },
} as const satisfies Options;

const SEARCH = {
  line: {
    value: 'FILE:LINE',
    meaning: 'line whose objects are looked at',
    expects: 'a line such as file.js:6',
    parse: (text: string) => (isLine(text) ? text : undefined),
  },
  samples: OPTIONS_OF_WHY.samples,
  timeout: OPTIONS_OF_WHY.timeout,
} as const satisfies Options;

const PID = { pid: TARGET.pid } as const;

export const TOOLS: readonly Tool[] = [
  defineTool({
    name: 'ps',
    description:
      'Lists the Node.js processes of this machine, and whether they can be attached to.',
    inputs: {},
    run: () => processList('md'),
  }),
  defineTool({
    name: 'top',
    description:
      'Shows which lines of a running service hold the most live memory; sorted by churn, which make the most temporary garbage; sorted by age, whose memory has lived longest.',
    inputs: { ...TARGET, ...VIEW, ...SORT },
    run: async (values, { allowed }, signal) => {
      const { name: source, snapshot } = serviceOf(values, allowed);
      return topSites({ source, snapshot: await snapshot(signal) }, values, 'md', values.sort);
    },
  }),
  defineTool({
    name: 'diff',
    description:
      'Takes two snapshots of a running service some time apart, and shows which lines grew and shrank. Growth that lasts over several calls is a leak; some growth is garbage that waits for its collection.',
    inputs: { ...TARGET, ...APART, ...VIEW },
    run: async (values, { allowed }, signal) => {
      const { name: source, snapshot } = serviceOf(values, allowed);
      const old = { source, snapshot: await snapshot(signal) };
      await delay(values.for, undefined, { signal });
      return comparison(old, { source, snapshot: await snapshot(signal) }, values, 'md');
    },
  }),
  defineTool({
    name: 'report',
    description:
      'Shows the report of a running service: its memory by kind, the sites that seem to leak by a statistical test over its periodic reports (suspects), and the largest sites.',
    inputs: { ...TARGET, top: { ...VIEW.top, ...OPTIONS.top.text }, key: VIEW.key },
    run: async (values, { allowed }, signal) => {
      const { name, report } = serviceOf(values, allowed);
      const { top, key } = values;
      const answer = await report(signal, { top: String(top), key });
      return shownOf(name, () => {
        const { suspects, sites } = answer;
        const rest = suspects.length - top;
        const shown = { suspects: suspects.slice(0, top), sites: sites.slice(0, top) };
        const text = reportMarkdown({ ...answer, ...shown });
        return rest > 0 ? `${text}\n\nand ${rest} more suspects (top)` : text;
      });
    },
  }),
  defineTool({
    name: 'why',
    description:
      'Shows what keeps the objects of a line of a running service alive: variables, properties, functions, timers. Without a line, of its suspects, else of the line that holds most.',
    inputs: { ...TARGET, ...SEARCH },
    run: async (values, { allowed }, signal) => {
      const { line, samples, timeout } = values;
      const query = { samples: String(samples), timeout: `${timeout}ms` };
      const asked = line === undefined ? query : { ...query, site: line };
      const { sites } = await serviceOf(values, allowed).retainers(signal, asked, timeout);
      if (sites.length === 0) return NO_SITES;
      return markdownBlock(sites.map(siteRetainersText).join('\n\n'));
    },
  }),
  defineTool({
    name: 'ledger',
    description:
      "Shows what the memory (RSS) of a running service consists of: V8's heap, Buffers, malloc, code, files; for growth outside of the JavaScript heap.",
    inputs: TARGET,
    run: async (values, { allowed }, signal) => {
      const { name, report } = serviceOf(values, allowed);
      const { ledger } = await report(signal, { top: '1' });
      if (ledger === undefined) throw new ToolError(`${name} tells no ledger`);
      const { rss, unexplained, rows, diagnosis } = ledger;
      return shownOf(name, () =>
        [
          ledgerTable({ rss, unexplained, rows: Object.entries(rows) }),
          ...(diagnosis === undefined ? [] : [markdownQuote(diagnosis)]),
        ].join('\n\n'),
      );
    },
  }),
  defineTool({
    name: 'doctor',
    description:
      'Shows whether the Node that runs this server can be traced, how exactly, and why not better.',
    inputs: {},
    run: () => examination('md').text,
  }),
  defineTool({
    name: 'attach',
    description:
      'Starts tracing in a running Node.js process that was not prepared for it, until detach or the end of this server. What was allocated before is unknown.',
    inputs: PID,
    attaches: true,
    run: async ({ pid }, { attachments }, signal) => attachments.attach(required(pid), signal),
  }),
  defineTool({
    name: 'detach',
    description: 'Ends the tracing that attach began in a process, which is then as before.',
    inputs: PID,
    attaches: true,
    run: async ({ pid }, { attachments }) => attachments.detach(required(pid)),
  }),
];

function required(pid: number | undefined): number {
  if (pid === undefined) throw new ToolError('pid is missing');
  return pid;
}
