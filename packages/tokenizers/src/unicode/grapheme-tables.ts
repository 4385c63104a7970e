// Written by fixtures/generate/tokenizers-graphemes.py: data only.
// Asked of tokenizers 0.23.3. See set.ts for the coding of code points.

/** Never begins a cluster after anything but a control. 2619 code points. */
export const EXTENDS =
  "lc,34 7n,7 7b,19 1 1,2 1,2 1 20,b 1c,l g 2t,7 2,6 2,2 1,4 z u,r 2j,b 1m,9 9 o,4 1,9 1,3 1,5 17,3 1n,9 16,o 1,x 1i,3 1,i 1,7 a,2 t,3 1k 1,7 2,2 2,3 9 a,2 q 2,3 1k 1,5 4,2 2,3 3 u,2 3 b,3 1k 1,8 1,3 1,3 k,2 m,6 1,3 1k 1,7 2,2 2,3 7,3 a,2 u 1n,5 3,3 1,4 9 14,5 1j 1,7 1,3 1,4 7,2 b,2 t,3 1k 1,7 1,3 1,4 7,2 b,2 f c,4 1j,2 1,7 1,3 1,4 9 a,2 t,3 1y 4,6 1 1,8 i,2 1p 1,8 c,8 2q 1,a b,7 21,2 r 1 1 4,2 1d,k 1,2 5,b 1,10 9 2u,b 1,6 n,4 4,3 g,4 d 1,3 6 f jj,3 qa,4 s,3 t,2 u,2 1s,w 9 19,3 1 39,2 y 3a,c 4,c 63,5 1l,a 1 1 2,o 2 1c,1a 2,c k,5 1b,h 12,9 c,3 u,d 1k,e 1c,k 48,3 1,l 4 6 2,3 5i,1s ek,2 5e,x 2da,3 3x 2o,w fe,6 2x,2 n9w,4 1,a w,2 28,2 7k 3 4 n,5 4 2b,2 1e,i q,i d 12,8 p,d 18,4 1b,e 10 1v,e c 8,2 1a 1f 1,3 2,2 5,2 1 15,5 5,2 6k,8 1,2 fn4 kh,g g,g a6,2 gt 6a 45,5 1ae,3 1,2 5,4 14,3 4 4l,2 fx,4 1t,5 8t,2 25,6 1y,b 1d,4 3e,3 1h,f 15 2,2 a,4 19,b 7 1p,3 10,e g,2 18 c,3 1c,e 8,4 1,2 2k,c 6 2 4d,c l,4 1j,2 1,7 2,2 2,3 9 a,2 2,7 3,5 1v,9 1 2 1,4 1,5 1 e,2 2a,i n 29,k 6j,7 2,9 r,2 2a,h 2y,d 2t,3 2,a 74,f 6t,6 1,2 2,4 1 1,2 3x,7 2,7 3 s,a 14,7 1,4 8 9,b 1a,g 5i,8 5j,8 1,8 2a,m 1,e 3e,6 3 1,2 1,7 1 1u,5 1,2 1,5 9n,4 9,2 1 1c,7 3,5 n 44l 6,f 8ug,i 1xc,5 1n,7 t4 1,1j 7,4 29 b,2 f57,2 3mp,1a 2,n f2,5 3,6 8,8 2,7 u,4 44,3 1iz,1j 4,1e 8 e m,5 1,f 11s,7 1,h 2,7 1,2 1,5 2s 4g,7 af 1p,4 e4,4 72,2 6r 2 7,2 5 d6,7 31,7 240,5 gx7k,2o 3k,6o";

/** Belongs to what follows. 27 code points. */
export const PREPENDS = "16o,6 5z 1d ao,2 28 vf 1f8u f 6s,2 el 12l 1 8y,6 jg cb";

/** Always a cluster of its own (U+000A and U+000D besides). 104 code points. */
export const CONTROLS = "1,9 1,2 1,i 2n,x d 12m 3jl 1ks 2,2 o,7 1d,g 17yn 6o,c";

/** Goes on with a picture before it, after U+200D. 2848 code points. */
export const PICTURES =
  "4p 4 68d c 60 m 2i,6 f,2 a7,2 c 4m p,b 4,3 5j 6f,2 a 9 1m,4 1,5 9 2 2,2 2 4 2 1,2 2 3 3,2 8,3 5 1 5,c b,2 2 1,2 1 i 2,2 i,6 1 1,2 3,2 5 2,2 4,2 b,2 5,2 2 5,2 1 1,2 k,2 5,6 1,4 2 4 2 2,6 1 2 1 1 6 3 6 a,2 f 2 4 1 4,3 1 b,2 1c,3 9 e e ac,2 cv,3 j,2 1f 4 yi c gp 1 2fze 13,4 2s,c f,2 f e,2 11,a 34,2 c,2 e 2,a j,1k r,f a k 2,9 1,4 9,n 6,58 2,34 2,2 1,3 2,2b 2,3 1,4 5,72 1,1r b,6 1,o 7,2 2,8 c 2,4 2 4,2 d,2 2 8,2 9 5,3 c,3 8,3 2 1 4 6 3 6,2e 1c,1y 5,8 2,h 3 1,6 2,d 62,12 c,4 1k,8 a,6 14,8 u,2 c,4 2,e 9,13 c,1b 1,a 1,55 2g,8 e,42 74,se";

/** Goes on with a consonant before it, after a linker. 615 code points. */
export const CONSONANTS =
  "1sl,11 u,8 o,8 l,k 1,7 1 3,4 y,2 1 g,2 4j,k 1,7 1,2 1,5 1r r,k 1,7 1,2 1,5 y,2 1 h 4j,k 1,g u,3 56,12 jp,17 k g,6 4,4 3 3,2 7,3 4,d c 1dd,1g h8,1h 52,2 6,x h,8 1i,u d,2 b,3 s0b,3 3,10 19,5 2,9 a,5 2p,g 1,3 6 3,2 2o,b 5x,r";

/** Joins two consonants. 20 code points. */
export const LINKERS = "1u5 3j 73 3j 73 73 kr 1i0 i5 6b 2u s2c 8l itk 1df ik 12l 7c 29 x4";
