// SPDX-License-Identifier: MIT
// The buttons of a live page, and its state.
import { address } from './connection.js';
import { choice, element } from './dom.js';
import type { Baseline } from './live-model.js';
import { clock } from './scale.js';

export interface Actions {
  takeSnapshot(): Promise<void>;
  collectGarbage(): Promise<void>;
  compareWith(baseline: Baseline): void;
  pause(isPaused: boolean): void;
}

export class Toolbar {
  readonly root: HTMLElement;
  readonly #status = element('p', { class: 'status', role: 'status' });
  readonly #baselines = element('div', { class: 'slot' });
  readonly #collect: HTMLButtonElement;
  readonly #actions: Actions;
  #shown: readonly Baseline[] = [];
  #isPaused = false;
  #problem: string | undefined = 'connecting';

  constructor(actions: Actions) {
    this.#actions = actions;
    this.#collect = this.#button('Collect garbage', () => actions.collectGarbage());
    this.#collect.hidden = true;
    this.root = element(
      'div',
      { class: 'controls toolbar' },
      this.#button('Take snapshot', () => actions.takeSnapshot()),
      this.#baselines,
      this.#collect,
      this.#pauseButton(),
      element('a', { class: 'action', href: address('../pprof/heap') }, 'Save as a file'),
      this.#status,
    );
  }

  show(baselines: readonly Baseline[], chosen: Baseline, canCollect: boolean): void {
    this.#collect.hidden = !canCollect;
    if (this.#shown === baselines) return;
    this.#shown = baselines;
    const options = baselines.map(({ time }, i) => {
      const hint =
        i === 0 ? 'when this page was opened, or the process began' : 'a snapshot taken here';
      return [String(i), i === 0 ? 'the beginning' : clock(time), hint] as const;
    });
    const at = String(baselines.indexOf(chosen));
    this.#baselines.replaceChildren(
      choice<string>('Compare with', options, at, (value) =>
        this.#actions.compareWith(baselines[Number(value)]!),
      ),
    );
  }

  /** Undefined: there is no problem. */
  tell(problem: string | undefined): void {
    this.#problem = problem;
    this.#describe();
  }

  #describe(): void {
    const text = this.#problem ?? (this.#isPaused ? 'paused' : 'live');
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#status.classList.toggle('live', text === 'live');
    this.#status.classList.toggle('problem', this.#problem !== undefined);
  }

  #pauseButton(): HTMLElement {
    const button = element('button', { type: 'button', class: 'action' }, 'Pause');
    button.addEventListener('click', () => {
      this.#isPaused = !this.#isPaused;
      button.textContent = this.#isPaused ? 'Resume' : 'Pause';
      this.#actions.pause(this.#isPaused);
      this.#describe();
    });
    return button;
  }

  #button(text: string, act: () => Promise<void>): HTMLButtonElement {
    const button = element('button', { type: 'button', class: 'action' }, text);
    button.addEventListener('click', async () => {
      button.disabled = true;
      try {
        await act();
      } catch (error) {
        this.tell(error instanceof Error ? error.message : String(error));
      } finally {
        button.disabled = false;
        button.focus();
      }
    });
    return button;
  }
}
