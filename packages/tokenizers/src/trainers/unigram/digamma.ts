/** The logarithmic derivative of the gamma function, for positive `x`: recurrence up to 7, then the asymptotic series. */
export function digamma(x: number): number {
  let result = 0;
  let shifted = x;
  for (; shifted < 7; shifted++) result -= 1 / shifted;
  shifted -= 0.5;
  const square = 1 / (shifted * shifted);
  const fourth = square * square;
  return (
    result +
    Math.log(shifted) +
    square / 24 -
    (7 / 960) * fourth +
    (31 / 8064) * fourth * square -
    (127 / 30720) * fourth * fourth
  );
}
