// The heights of the list's rows, and where each begins: a Fenwick tree (P. Fenwick, 1994, "A new data structure for
// cumulative frequency tables"), so that a row among many thousands is found, added and changed in logarithmic time.

export class Heights {
  #heights = [];
  /** From 1 on: `#sums[i]` is the sum of the last `i & -i` heights up to the i-th. */
  #sums = [0];

  get length() {
    return this.#heights.length;
  }

  get total() {
    return this.before(this.length);
  }

  push(height) {
    const i = this.#heights.push(height);
    let sum = height;
    for (let below = i - 1; below > i - (i & -i); below -= below & -below) sum += this.#sums[below];
    this.#sums.push(sum);
  }

  /** Says whether that is a change. */
  set(index, height) {
    const change = height - this.#heights[index];
    if (change === 0) return false;
    this.#heights[index] = height;
    for (let i = index + 1; i <= this.length; i += i & -i) this.#sums[i] += change;
    return true;
  }

  /** Where the row begins: the sum of all heights before it. */
  before(index) {
    let sum = 0;
    for (let i = index; i > 0; i -= i & -i) sum += this.#sums[i];
    return sum;
  }

  /** The row at this distance from the top; the first or the last for what is beyond them. */
  at(offset) {
    let index = 0;
    let rest = offset;
    for (let step = 2 ** Math.floor(Math.log2(this.length || 1)); step >= 1; step /= 2) {
      const next = index + step;
      if (next > this.length || this.#sums[next] > rest) continue;
      index = next;
      rest -= this.#sums[next];
    }
    return Math.max(0, Math.min(index, this.length - 1));
  }

  clear() {
    this.#heights = [];
    this.#sums = [0];
  }
}
