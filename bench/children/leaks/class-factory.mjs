// SPDX-License-Identifier: MIT
// Instances of a class that a factory creates, registered for ever.
export const calls = 200_000;
let registry = [];

class Session {
  constructor(id) {
    this.id = id;
    this.opened = id + 1;
    this.seen = id + 2;
    this.user = undefined;
    this.rights = 0;
    this.state = 'open';
  }
}

const register = { session: (id) => registry.push(new Session(id)) }; // leaks

export function leak(n) {
  register.session(n);
}

export function forget() {
  registry = [];
}
