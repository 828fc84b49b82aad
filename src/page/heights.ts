// The heights of the list's rows, and where each begins: a Fenwick tree (P. Fenwick, 1994, "A new data structure for
// cumulative frequency tables"), so that a row among many thousands is found, added and changed in logarithmic time.
// Never measures anything itself.

export class Heights {
  #heights: number[] = [];
  /** From 1 on: `#sums[i]` is the sum of the last `i & -i` heights up to the i-th. */
  #sums = [0];

  get length(): number {
    return this.#heights.length;
  }

  get total(): number {
    return this.before(this.length);
  }

  push(height: number): void {
    const i = this.#heights.push(height);
    let sum = height;
    for (let below = i - 1; below > i - (i & -i); below -= below & -below) sum += this.#sum(below);
    this.#sums.push(sum);
  }

  /** Says whether that is a change. */
  set(index: number, height: number): boolean {
    const change = height - (this.#heights[index] ?? 0);
    if (change === 0) return false;
    this.#heights[index] = height;
    for (let i = index + 1; i <= this.length; i += i & -i) this.#sums[i] = this.#sum(i) + change;
    return true;
  }

  /** Where the row begins: the sum of all heights before it. */
  before(index: number): number {
    let sum = 0;
    for (let i = index; i > 0; i -= i & -i) sum += this.#sum(i);
    return sum;
  }

  /** The row at this distance from the top; the first or the last for what is beyond them. */
  at(offset: number): number {
    let index = 0;
    let rest = offset;
    for (let step = 2 ** Math.floor(Math.log2(this.length || 1)); step >= 1; step /= 2) {
      const next = index + step;
      if (next > this.length || this.#sum(next) > rest) continue;
      index = next;
      rest -= this.#sum(next);
    }
    return Math.max(0, Math.min(index, this.length - 1));
  }

  clear(): void {
    this.#heights = [];
    this.#sums = [0];
  }

  #sum(i: number): number {
    return this.#sums[i] ?? 0;
  }
}
