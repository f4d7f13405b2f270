import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { withFiles } from '../../lib/providers/document-files.ts'
import { defaultDownloadLimits, download, type FetchDocument } from '../../lib/providers/download.ts'

const running: Server[] = []

afterEach(() => {
  for (const server of running.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  running.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

const limits = { timeLimitMilliseconds: 5000, maximumBytes: 1000 }

describe('download', () => {
  it('answers the whole text, whatever type it is said to have', async () => {
    const origin = await serve((_, response) => {
      response.setHeader('content-type', 'application/octet-stream')
      response.end('104.16.0.0/13')
    })
    expect(await download(fetch, `${origin}/ips-v4`, [origin], limits)).toEqual({
      ok: true,
      text: '104.16.0.0/13',
    })
  })

  it('goes to no host that is not allowed', async () => {
    const asked: string[] = []
    const spy: FetchDocument = (url) => {
      asked.push(url)
      return Promise.resolve(new Response('x'))
    }
    const allowed = ['https://ip-ranges.amazonaws.com']
    for (const url of [
      'https://example.com/ip-ranges.json',
      'http://ip-ranges.amazonaws.com/ip-ranges.json',
      'https://ip-ranges.amazonaws.com:8443/ip-ranges.json',
      'https://ip-ranges.amazonaws.com@example.com/',
      'https://ip-ranges.amazonaws.com.example.com/',
      'file:///etc/passwd',
      'data:text/plain,3.5.140.0/22',
      'not a url',
    ]) {
      expect(await download(spy, url, allowed, limits), url).toMatchObject({
        ok: false,
        reason: 'host_not_allowed',
      })
    }
    expect(asked).toEqual([])
  })

  it('follows a redirect on an allowed host, and none to another', async () => {
    const other = await serve((_, response) => response.end('evil'))
    const origin = await serve(({ url }, response) => {
      if (url === '/there') return response.end('list')
      response.writeHead(302, { location: url === '/away' ? `${other}/` : '/there' })
      return response.end()
    })
    expect(await download(fetch, `${origin}/here`, [origin], limits)).toEqual({ ok: true, text: 'list' })
    expect(await download(fetch, `${origin}/away`, [origin], limits)).toMatchObject({
      reason: 'host_not_allowed',
    })
  })

  it('gives up on a redirect that goes round', async () => {
    const origin = await serve((_, response) => {
      response.writeHead(301, { location: '/again' })
      response.end()
    })
    expect(await download(fetch, origin, [origin], limits)).toMatchObject({ reason: 'too_many_redirects' })
  })

  it.each([404, 403, 500, 503, 204, 206, 304])('takes no answer with status %i', async (status) => {
    const origin = await serve((_, response) => {
      response.writeHead(status)
      response.end(status === 204 || status === 304 ? undefined : '104.16.0.0/13')
    })
    expect(await download(fetch, origin, [origin], limits)).toMatchObject({ ok: false, reason: 'status' })
  })

  it('stops reading a body that grows beyond the limit, whatever length it claims', async () => {
    let sent = 0
    const origin = await serve((_, response) => {
      const send = (): void => {
        if (response.destroyed || sent > 50_000_000) return
        sent += 65_536
        response.write('x'.repeat(65_536), send)
      }
      send()
    })
    expect(await download(fetch, origin, [origin], limits)).toMatchObject({ reason: 'too_large' })
    expect(sent).toBeLessThan(50_000_000)
  })

  it('takes a body of exactly the limit', async () => {
    const origin = await serve((_, response) => response.end('x'.repeat(1000)))
    expect(await download(fetch, origin, [origin], limits)).toMatchObject({ ok: true })
  })

  it('refuses a body that was cut off', async () => {
    const origin = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('104.16.0.0/13\n', () => response.destroy())
    })
    expect(await download(fetch, origin, [origin], limits)).toMatchObject({
      ok: false,
      reason: 'unreachable',
    })
  })

  it('gives up when no whole answer comes in time, also when the client ignores the signal', async () => {
    const silent: FetchDocument = () => new Promise<Response>(() => undefined)
    const impatient = { ...limits, timeLimitMilliseconds: 20 }
    expect(await download(silent, 'https://a.example/', ['https://a.example'], impatient)).toMatchObject({
      reason: 'timed_out',
    })
    const origin = await serve((_, response) => response.write('104.16'))
    expect(await download(fetch, origin, [origin], impatient)).toMatchObject({ reason: 'timed_out' })
  })

  it('refuses bytes that are no text', async () => {
    const origin = await serve((_, response) => response.end(Buffer.from([0x31, 0xff, 0xfe])))
    expect(await download(fetch, origin, [origin], limits)).toMatchObject({ reason: 'not_text' })
  })

  it('says when nobody answers', async () => {
    const origin = await serve((_, response) => response.end())
    for (const server of running.splice(0)) server.close()
    expect(await download(fetch, origin, [origin], limits)).toMatchObject({
      ok: false,
      reason: 'unreachable',
    })
  })

  it('has room for the largest list', () => {
    expect(defaultDownloadLimits.maximumBytes).toBeGreaterThan(8_000_000)
  })
})

describe('files in the place of a server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-documents-'))
  writeFileSync(join(folder, 'ServiceTags_Public_20251103.json'), '{}')
  const url = `${pathToFileURL(folder).href}/`
  const reader = withFiles(() => Promise.reject(new Error('no network')))

  it('are read, folders as a list of names', async () => {
    expect(await download(reader, `${url}ServiceTags_Public_20251103.json`, ['file:'], limits)).toEqual({
      ok: true,
      text: '{}',
    })
    expect(await download(reader, url, ['file:'], limits)).toEqual({
      ok: true,
      text: 'ServiceTags_Public_20251103.json',
    })
  })

  it('are missed as a server misses them', async () => {
    expect(await download(reader, `${url}nothing`, ['file:'], limits)).toMatchObject({ reason: 'status' })
  })
})
