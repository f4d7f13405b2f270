/**
 * Hashes of two passwords by the libraries that teams come from: Django 5.2.17, passlib 1.7.4, argon2-cffi 25.1.0 and bcrypt 5.0.0, each
 * with its defaults unless its parameters say otherwise.
 */
export const formerPassword = 'a passphrase from before'
export const unusualPassword = 'pä$$wörd & \u{1f511} phrase'

type HashesOf = Readonly<Record<string, string>>

export const formerHashes: HashesOf = {
  'Django PBKDF2':
    'pbkdf2_sha256$1000000$tfR07SZuELwayumidy6fdr$v+g2RG+WUxqccdQU8EuAgv8Drl5kE5T8BnYP2rPXHKY=',
  'Django argon2':
    'argon2$argon2id$v=19$m=102400,t=2,p=8$Y2RUY2pUbzR6eFBXeGY3U2pkWUgxMw$oBJgVuMr05VZZm53N2KF9sRq2DJ2k8bMeAo/wVGNDmg',
  'Django bcrypt': 'bcrypt$$2b$12$LSycvhXF6MWKuhnNdDNavOnFzKqjMq3AoL.kCz62fK83dFhLNpKOe',
  'passlib PBKDF2-SHA256':
    '$pbkdf2-sha256$29000$S6nV.n9PqfW.917r/V9LiQ$DkGdrrVi9ovq/G9AsyoNsq7ZrqbGm/vVgyNMf6IHJzc',
  'passlib PBKDF2-SHA512':
    '$pbkdf2-sha512$25000$z5lzrvV.D0GI0RqDkNLaWw$kONNTnUR0KJTHUSUvB/57o5.5mdBkTREuruPrv5PANobbep0eaKZeqzY5Cjr7gvOgp80tFof8cCOke8Is2OMPw',
  argon2id:
    '$argon2id$v=19$m=65536,t=3,p=4$LeweZ7lfnndbKI3fXot1AQ$s4woACQ8fWyuZC4dEgBpt7BG1pBSoeVGPLYEV4lzuMo',
  argon2i: '$argon2i$v=19$m=4096,t=3,p=1$dtD7VXwsQm1bCPD4RvtY1A$LoZ5YUVVyS9KVPPSTKcbEpVF60IW40XPxr9iPQTNT2A',
  argon2d: '$argon2d$v=19$m=4096,t=3,p=1$k1Yf0g7p2H/UwSGocfM1tA$THJ6ppQuOFuNSOrza6ZImkhob9TJPTdaNSAzPB2oqq0',
  'bcrypt 2b': '$2b$10$0XGCgZrwlMn0ecEK1zzFZeA2kGqnwrFzumhHifOdp5lWPDMuJlLPS',
  'bcrypt 2a': '$2a$05$JpdF3W6Fb6IKJnvCmSeMG.jy4RyjzHLzy.0gH3UKYsaFmW90tFtFe',
  // As PHP spells it: the same algorithm under another letter.
  'bcrypt 2y': '$2y$05$JpdF3W6Fb6IKJnvCmSeMG.jy4RyjzHLzy.0gH3UKYsaFmW90tFtFe',
}

/** They take 0.1 to 0.4 s of processor time each; others of the same algorithms take less. */
export const dearHashes: readonly string[] = ['Django PBKDF2', 'Django argon2', 'Django bcrypt', 'argon2id']

export const unusualHashes: HashesOf = {
  'Django PBKDF2':
    'pbkdf2_sha256$1000000$Mr9G4YeZYkZYupjbh9v4Pz$T7KS+/QVqc44zC4I6VbGY6WSKFDPDl9zgO/LAql33XQ=',
  'passlib PBKDF2-SHA256':
    '$pbkdf2-sha256$29000$MKb0HmPMGcMYw1jLOUfI.Q$idNA/jffVxZs4d1Ph2Pyu33miysj4NQWxq6hKjuAzWQ',
  argon2id:
    '$argon2id$v=19$m=65536,t=3,p=4$Kx0PNNezP35JpzCOWyOb8w$gNGvdBW1+UvuH+HcSffcg8KJBDQzarZyyUsklXUCztM',
  'bcrypt 2b': '$2b$10$TMYIspLbaYUsZmOjhuNSbu80/CgsgZvgMsfHfPMxNoLKPgfzaDw.e',
}

/** The longest password of which bcrypt takes every byte. */
export const seventyTwoBytes = 'b'.repeat(72)
export const seventyTwoBytesHash = '$2b$05$SQ7sXmJ6obG.OVwg9X9VvOGEFkh7jMv62NHq3AbY46p794DBj.Hoy'
