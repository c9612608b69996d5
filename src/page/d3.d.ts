// SPDX-License-Identifier: MIT
// Types for the parts of d3-flame-graph and d3-selection that are used; they have none of their
// own.
declare module 'd3-flame-graph' {
  interface FlameGraph<Datum> {
    (selection: unknown): void;
    width(pixels: number): this;
    cellHeight(pixels: number): this;
    minFrameSize(pixels: number): this;
    transitionDuration(milliseconds: number): this;
    inverted(icicle: boolean): this;
    sort(order: (a: FlameNode<Datum>, b: FlameNode<Datum>) => number): this;
    title(text: string): this;
    label(text: (node: FlameNode<Datum>) => string): this;
    setColorMapper(color: (node: FlameNode<Datum>) => string): this;
    setSearchMatch(matches: (node: FlameNode<Datum>, term: string) => boolean): this;
    setSearchHandler(show: (results: unknown[], sum: number, total: number) => void): this;
    setDetailsHandler(show: (text: string | null) => void): this;
    onClick(clicked: (node: FlameNode<Datum>) => void): this;
    search(term: string): void;
    clear(): void;
    zoomTo(node: FlameNode<Datum>): void;
    resetZoom(): void;
    destroy(): this;
  }
  export interface FlameNode<Datum> {
    readonly data: Datum;
    readonly value: number;
    readonly highlight?: boolean;
    readonly parent: FlameNode<Datum> | null;
    readonly children?: FlameNode<Datum>[];
  }
  export default function flamegraph<Datum>(): FlameGraph<Datum>;
}

declare module 'd3-selection' {
  interface Selection {
    datum(value: unknown): Selection;
  }
  export function select(element: Element): Selection;
}
