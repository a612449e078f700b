// Writes chunked.txt: vectors for C2SP chunked-encryption (Cobblestone-256), made from the text of
// the specification with Node's own crypto, independently of src/crypto/chunked.c.
// Run: node tests/vectors/chunked.mjs > tests/vectors/chunked.txt
// A line: key context salt length sha256(plain) header sha256(sealed file) last-16-bytes
// The plaintext of length n is byte i = (i * 7 + (i >> 8) * 13) & 255.
import { createCipheriv, createHash, createHmac } from 'node:crypto';

const seq = (n, start) => Buffer.from(Array.from({ length: n }, (_, i) => (start + i) & 255));
const sha256 = (b) => createHash('sha256').update(b).digest('hex');

function hkdfExpand(prk, info, length) {
  const blocks = [];
  let t = Buffer.alloc(0);
  for (let i = 1; Buffer.concat(blocks).length < length; i++) {
    t = createHmac('sha512', prk).update(Buffer.concat([t, info, Buffer.from([i])])).digest();
    blocks.push(t);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function seal(key, context, salt, plain) {
  const info = Buffer.concat([
    Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0', 'latin1'), salt, context]);
  const okm = hkdfExpand(key, info, 76);
  const base = okm.subarray(32, 44);
  const out = [salt, okm.subarray(44, 76)];
  for (let i = 0n, at = 0; ; i++, at += 16384) {
    const chunk = plain.subarray(at, at + 16384);
    const number = Buffer.alloc(12);
    number.writeBigUInt64BE(i, 4);
    const nonce = Buffer.from(base.map((b, j) => b ^ number[j]));
    const c = createCipheriv('aes-256-gcm', okm.subarray(0, 32), nonce);
    out.push(c.update(chunk), c.final(), c.getAuthTag());
    if (chunk.length < 16384) return Buffer.concat(out);
  }
}

const contexts = ['', '0198a3f2-7c11-7d02-9f3e-5b7a6c0d1e2f'];
const lengths = [0, 1, 1024, 16383, 16384, 16385, 20480, 4210688];
contexts.forEach((text, c) => lengths.forEach((n, l) => {
  const key = seq(32, 16 * c + l), salt = seq(24, 100 + 8 * c + l);
  const plain = Buffer.from(Array.from({ length: n }, (_, i) => (i * 7 + (i >> 8) * 13) & 255));
  const sealed = seal(key, Buffer.from(text), salt, plain);
  console.log([key.toString('hex'), text || '-', salt.toString('hex'), n, sha256(plain),
    sealed.subarray(0, 56).toString('hex'), sha256(sealed), sealed.subarray(-16).toString('hex')].join(' '));
}));
