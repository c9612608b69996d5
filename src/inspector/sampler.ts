// SPDX-License-Identifier: MIT
// V8's sampling heap profiler, as Node offers it without native code. Node's inspector starts it so
// that each reading forces a full garbage collection (kSamplingForceGC, in
// src/inspector/v8-heap-profiler-agent-impl.cc at 11.3 to 14.6). `v8.startHeapProfile`, which newer
// Nodes have, does not: what it started, the inspector reads without a collection.
import type { Session } from 'node:inspector';
import { TracemallocError } from '../errors.js';
import { packageVersion } from '../files/package-files.js';
import { quietly } from '../host/quietly.js';

export interface ProfileNode {
  /** Unique among all nodes since the sampler was started. */
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    /** From 0. */
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  /** Bytes, of the samples of this node together; see object-sizes.ts. */
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

export interface ProfileSample {
  /** Bytes; see object-sizes.ts. */
  readonly size: number;
  readonly nodeId: number;
  /** Samples are numbered since the sampler was started. */
  readonly ordinal: number;
}

/** What is live. */
export interface Profile {
  readonly head: ProfileNode;
  readonly samples: readonly ProfileSample[];
}

/** What `v8.startHeapProfile` returns. */
interface ProfileHandle {
  stop(): string;
}

type StartHeapProfile = (options: { sampleInterval: number; stackDepth: number }) => ProfileHandle;

const IN_USE =
  'another heap sampler (DevTools, --heap-prof, an APM agent) is active in this thread; V8 has room for one: stop it, then start again';

const SHARED = Symbol.for(`tracemalloc ${packageVersion} sampler`);

/** Node's sessions and handles that have lost their sampler. */
const abandoned: object[] = [];

export class InspectorSampler {
  readonly #inspector: InspectorModule;
  readonly #session: Session;
  #handle: ProfileHandle | undefined;
  readonly #end = () => this.stop();

  /**
   * @throws TracemallocError ERR_UNSUPPORTED_PLATFORM: the inspector can't be used here;
   *   ERR_SAMPLER_IN_USE.
   */
  constructor({ interval, stackDepth }: { interval: number; stackDepth: number }) {
    this.#inspector = requireInspector();
    endLeftOver(this.#inspector);
    this.#session = connected(this.#inspector);
    try {
      this.#start(interval, stackDepth);
    } catch (error) {
      quietly(() => this.#session.disconnect());
      throw error;
    }
    shareEnd(this.#inspector, this.#end);
  }

  /** Whether a reading collects all garbage first. */
  get forcesCollections(): boolean {
    return this.#handle === undefined;
  }

  /** Undefined: the sampler was stopped by other code. */
  read(): Profile | undefined {
    try {
      return this.#post<{ profile: Profile }>('HeapProfiler.getSamplingProfile').profile;
    } catch (error) {
      // V8 has no sampler, or another copy of this package has ended the session. Any other failure,
      // such as a stack overflow, says nothing of it.
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_INSPECTOR_COMMAND' || code === 'ERR_INSPECTOR_NOT_CONNECTED') {
        return undefined;
      }
      throw error;
    }
  }

  stop(): void {
    this.#handle?.stop();
    // A session that ends stops what it has started.
    this.#session.disconnect();
    unshareEnd(this.#inspector, this.#end);
  }

  /** After other code has stopped the sampler: one that runs now is not ours. */
  abandon(): void {
    // If the session or handle that started our sampler ended, or was collected, it would stop the
    // other sampler, too. So it is kept.
    abandoned.push(this.#handle ?? this.#session);
    if (this.#handle !== undefined) quietly(() => this.#session.disconnect());
    unshareEnd(this.#inspector, this.#end);
  }

  #start(sampleInterval: number, stackDepth: number): void {
    const { startHeapProfile } = process.getBuiltinModule('node:v8') as unknown as {
      startHeapProfile?: StartHeapProfile;
    };
    if (typeof startHeapProfile === 'function') {
      try {
        this.#handle = startHeapProfile({ sampleInterval, stackDepth });
        return;
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ERR_HEAP_PROFILE_HAVE_BEEN_STARTED')
          throw new TracemallocError('ERR_SAMPLER_IN_USE', IN_USE, { cause });
      }
    }
    // The inspector does not say whether there is a sampler already, and would share it.
    if (this.read() !== undefined) throw new TracemallocError('ERR_SAMPLER_IN_USE', IN_USE);
    this.#post('HeapProfiler.startSampling', { samplingInterval: sampleInterval, stackDepth });
  }

  // A session of the same thread answers before `post` returns.
  #post<T>(method: string, params?: object): T {
    let failure: Error | null = new Error(`${method} was not answered`);
    let answer: unknown;
    this.#session.post(method, params, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure) throw failure;
    return answer as T;
  }
}

type InspectorModule = typeof import('node:inspector');

function requireInspector(): InspectorModule {
  let cause: unknown;
  try {
    const inspector: InspectorModule | undefined = process.getBuiltinModule('node:inspector');
    if (inspector?.Session !== undefined) return inspector;
  } catch (error) {
    cause = error;
  }
  const message = 'this Node was built without node:inspector';
  throw new TracemallocError('ERR_UNSUPPORTED_PLATFORM', message, { cause });
}

function connected({ Session }: InspectorModule): Session {
  const session = new Session();
  try {
    session.connect();
    return session;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const remedy =
      code === 'ERR_ACCESS_DENIED'
        ? 'the permission model forbids node:inspector (newer Nodes have --allow-inspector)'
        : `node:inspector can't be used (${message})`;
    throw new TracemallocError('ERR_UNSUPPORTED_PLATFORM', remedy, { cause });
  }
}

// Jest makes a copy of this package for each file of tests, each in a realm of its own, and Node's
// modules are what all realms of a thread share.
interface SharedEnd {
  [SHARED]?: (() => void) | undefined;
}

function endLeftOver({ Session }: InspectorModule): void {
  quietly(() => (Session as SharedEnd)[SHARED]?.());
}

function shareEnd({ Session }: InspectorModule, end: () => void): void {
  quietly(() => {
    (Session as SharedEnd)[SHARED] = end;
  });
}

// Another copy may have begun meanwhile.
function unshareEnd({ Session }: InspectorModule, end: () => void): void {
  quietly(() => {
    if ((Session as SharedEnd)[SHARED] === end) (Session as SharedEnd)[SHARED] = undefined;
  });
}
