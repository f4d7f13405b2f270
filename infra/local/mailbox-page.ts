import type { Mail } from './mail.ts'

/** A page with all mails, without scripts. `mails` are newest first. */
export function mailboxPage(mails: readonly Mail[]): string {
  const count = mails.length === 1 ? '1 mail' : `${mails.length} mails`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Postern mailbox (${mails.length})</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 48rem; margin: 0 auto; padding: 1rem }
  article { border: 1px solid GrayText; border-radius: .5rem; padding: 0 1rem 1rem; margin: 1.5rem 0 }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem }
  dd { margin: 0; overflow-wrap: anywhere }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }
  iframe { width: 100%; height: 24rem; border: 1px solid GrayText; background: #fff }
  summary { cursor: pointer }
</style>
</head>
<body>
<main>
<h1>Mailbox</h1>
<p>Nothing here left this machine. ${count}. <a href="/">Reload</a> · <a href="/messages">as JSON</a></p>
${mails.length === 0 ? '<p>No mail yet: ask for a password reset, and it arrives here.</p>' : ''}
${mails.map((mail, index) => article(mail, mails.length - index)).join('\n')}
</main>
</body>
</html>
`
}

function article(mail: Mail, number: number): string {
  const to = Array.isArray(mail.to) ? mail.to.join(', ') : mail.to
  const subject = escapeHtml(mail.subject)
  const html =
    mail.html === ''
      ? ''
      : `<details><summary>As HTML</summary>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/messages/${number}/html" title="${subject}" loading="lazy"></iframe></details>`
  return `<article aria-labelledby="mail-${number}">
<h2 id="mail-${number}">${subject}</h2>
<dl>
<dt>To</dt><dd>${escapeHtml(to)}</dd>
<dt>From</dt><dd>${escapeHtml(mail.from)}</dd>
<dt>At</dt><dd><time datetime="${escapeHtml(mail.at)}">${escapeHtml(mail.at)}</time></dd>
</dl>
<pre>${withLinks(escapeHtml(mail.text))}</pre>
${html}
</article>`
}

/** The end of a sentence is no part of its last address. */
const withLinks = (escaped: string): string =>
  escaped.replace(
    /https?:\/\/[^\s<>"]*[^\s<>".,!?]/g,
    (url) => `<a href="${url}" rel="noreferrer">${url}</a>`,
  )

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
