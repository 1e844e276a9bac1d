// SHA-256 (FIPS 180-4) of a file, piece by piece: the browser's own wants the whole of it in memory.

const BLOCK = 64;
const PRIMES = primes(64);
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const BEGIN = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/** Compute the SHA-256 of a Blob in hexadecimal; `told` hears how many bytes were read. */
export async function sha256(blob, told = () => {}, signal = null) {
  const state = Int32Array.from(BEGIN);
  const words = new Int32Array(BLOCK);
  const reader = blob.stream().getReader();
  let rest = new Uint8Array(0);
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    signal?.throwIfAborted();
    if (done) break;
    size += value.length;
    rest = digested(state, words, rest.length ? joined(rest, value) : value);
    told(size);
  }
  digested(state, words, joined(rest, ending(rest.length, size)));
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** Take in all whole blocks; gives what is left. */
function digested(state, words, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (; at + BLOCK <= bytes.length; at += BLOCK) {
    for (let word = 0; word < 16; word++) words[word] = view.getInt32(at + 4 * word);
    compress(state, words);
  }
  return bytes.slice(at);
}

function compress(state, w) {
  for (let at = 16; at < BLOCK; at++) {
    const early = w[at - 15];
    const late = w[at - 2];
    const one = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const two = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    w[at] = (w[at - 16] + one + w[at - 7] + two) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let at = 0; at < BLOCK; at++) {
    const mixed = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + mixed + ((e & f) ^ (~e & g)) + ROUNDS[at] + w[at]) | 0;
    const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** The end mark: a one, zeros, and the length in bits. */
function ending(rest, size) {
  const whole = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
  const found = new Uint8Array(whole - rest);
  found[0] = 0x80;
  new DataView(found.buffer).setBigUint64(found.length - 8, BigInt(size) * 8n);
  return found;
}

function joined(one, other) {
  const found = new Uint8Array(one.length + other.length);
  found.set(one);
  found.set(other, one.length);
  return found;
}

function turned(word, by) {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits behind the point. */
function fraction(value) {
  return ((value % 1) * 2 ** 32) | 0;
}

function primes(count) {
  const found = [];
  for (let number = 2; found.length < count; number++)
    if (found.every((prime) => number % prime)) found.push(number);
  return found;
}
