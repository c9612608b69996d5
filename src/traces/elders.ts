// SPDX-License-Identifier: MIT

/** What lives at a place since an earlier moment at least, estimates. */
export interface Elders {
  /** Bytes. */
  readonly size: number;
  /** Of `size`, bytes squared. */
  readonly variance: number;
}
