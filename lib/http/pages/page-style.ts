import { hash } from 'node:crypto'
import type { Shades } from '../../brand/shades.ts'

const style = `
:root{color-scheme:light dark;--paper:#f3f5f8;--card:#fff;--ink:#1b2430;--soft:#4a5668;--line:#768295;--deed:#1f4f8f;--on-deed:#fff;--bad:#a1161f;--bad-paper:#fdf0f0;--good:#1c6b3c;--good-paper:#eef7f1}
@media(prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1b212a;--ink:#e8ecf2;--soft:#b3bdcb;--line:#8090a5;--deed:#8ab8f5;--on-deed:#0d1b2e;--bad:#ff9d9d;--bad-paper:#331a1d;--good:#8fd6a8;--good-paper:#15291d}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;align-items:flex-start;justify-content:center;padding:clamp(1rem,8vh,6rem) 1rem 2rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{width:100%;max-width:28rem;background:var(--card);border-radius:12px;padding:clamp(1.25rem,5vw,2.25rem);box-shadow:0 1px 3px rgb(0 0 0/.14),0 8px 28px rgb(0 0 0/.07)}
.brand{display:flex;gap:.75rem;align-items:center;margin:0 0 1.5rem;padding-bottom:.75rem;border-bottom:3px solid var(--deed);font-weight:600;overflow-wrap:anywhere}
.brand img{flex:none;padding:2px;object-fit:contain;border-radius:4px;background:#fff}
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}
p{margin:0 0 1rem}
form{margin:0 0 1.25rem}
a{color:var(--deed)}
main>:last-child{margin-bottom:0}
label{display:block;font-weight:600;margin:1.25rem 0 .25rem}
.hint{margin:0 0 .4rem;color:var(--soft);font-size:.9375rem}
input{width:100%;min-height:2.875rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;font:inherit}
input[aria-invalid=true]{border-color:var(--bad);box-shadow:inset 0 0 0 1px var(--bad)}
.fault{margin:0 0 .4rem;color:var(--bad);font-weight:600;font-size:.9375rem}
.alert,.done{margin:0 0 1.25rem;padding:.75rem 1rem;border-left:4px solid;border-radius:4px}
.alert{border-color:var(--bad);background:var(--bad-paper)}
.done{border-color:var(--good);background:var(--good-paper)}
.alert p,.done p{margin:0}
button{width:100%;min-height:2.875rem;margin-top:1.75rem;padding:.5rem 1rem;border:0;border-radius:8px;background:var(--deed);color:var(--on-deed);font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(.92)}
:focus-visible{outline:3px solid var(--deed);outline-offset:2px}
@media(forced-colors:active){main,button{border:1px solid}}
`

/** The style sheet with the colours of an organization; null = Postern's own. */
export const styleWith = (shades: Shades | null): string => {
  if (shades === null) return style
  const root = ({ accent, on }: Shades['light']) => `:root{--deed:${accent};--on-deed:${on}}`
  return `${style}${root(shades.light)}\n@media(prefers-color-scheme:dark){${root(shades.dark)}}\n`
}

/**
 * Allows only this style sheet, by the hash of the text between the style tags (CSP 3 section 6.7.3.2), images of this origin if the page
 * has one, and forms that submit to the same origin. No script runs.
 */
export const contentSecurityPolicy = (sheet: string, hasImage: boolean): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${hash('sha256', sheet, 'base64')}'`,
    ...(hasImage ? ["img-src 'self'"] : []),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
