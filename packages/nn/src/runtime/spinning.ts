/**
 * How long a thread without work looks for some before it sleeps. A run of one text is a hundred products of some
 * 100 µs, and waking a thread for each costs half of one: 256 tokens took 58 ms without, 50 ms with. The engine's
 * default, milliseconds, takes the processor from everybody else, and from its own threads: for a short text 1.3
 * times the processor time.
 */
export const SPIN_MICROSECONDS = "50";
