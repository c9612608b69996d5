// SPDX-License-Identifier: MIT
export function largeProfile(bytes: number): Buffer;
