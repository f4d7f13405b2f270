import { hash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { maximumImageBytes } from '../../lib/brand/image.ts'
import { images } from '../brand/sample-images.ts'
import { allItems } from '../fresh-table.ts'
import { deployment } from '../functions/deployment.ts'

let deployed: Awaited<ReturnType<typeof deployment>>
beforeAll(async () => {
  deployed = await deployment()
})

const as = (token: string) => ({ authorization: `Bearer ${token}` })
const admin = () => as(deployed.first.token)
const organization = async (who = admin()) =>
  ((await deployed.call('GET', '/v1/organization', who)).body as { organization: Shown }).organization
type Shown = {
  readonly colour: string | null
  readonly logo: { readonly path: string; readonly width: number; readonly height: number } | null
  readonly version: number
}
const change = (json: unknown) => deployed.call('PATCH', '/v1/organization', { ...admin(), json })
const upload = (image: string, more = {}) =>
  deployed.call('PUT', '/v1/organization/logo', { ...admin(), json: { image, ...more } })
const remove = () => deployed.call('DELETE', '/v1/organization/logo', admin())
const faultsOf = (body: unknown) => (body as { errors?: readonly { path: string; message: string }[] }).errors

describe('the colour of an organization', () => {
  it('is any colour, in one spelling, until it is taken away', async () => {
    expect((await organization()).colour).toBeNull()
    expect((await change({ colour: '#0B6E4F' })).status).toBe(200)
    expect((await organization()).colour).toBe('#0b6e4f')
    await change({ name: 'Example' })
    expect((await organization()).colour).toBe('#0b6e4f')
    await change({ colour: null })
    expect((await organization()).colour).toBeNull()
  })

  it.each(['green', '#fff', '#0b6e4f;', 'url(https://a.example)', ''])('is not %j', async (colour) => {
    const { status, body } = await change({ colour })
    expect(status).toBe(400)
    expect(faultsOf(body)).toEqual([{ path: 'colour', message: 'must be a colour as #rrggbb' }])
  })
})

describe('the logo of an organization', () => {
  it('is in a partition of its own, so that strangers who ask for it without end throttle no decision', async () => {
    await upload(images.png)
    const items = await allItems(deployed.table)
    const logo = items.find(({ kind }) => kind === 'logo')
    expect(logo).toBeDefined()
    expect(items.filter(({ pk }) => pk === logo?.['pk'])).toEqual([logo])
    await remove()
  })

  it('is shown to whoever knows its path, as an image and nothing else, and is gone when it is removed', async () => {
    const { status, body } = await upload(images.png)
    expect(status).toBe(200)
    const { logo } = (body as { organization: Shown }).organization
    expect(logo).toMatchObject({ width: 24, height: 16 })
    expect((await organization()).logo).toEqual(logo)
    const path = logo?.path ?? ''
    expect(path.split('/').at(-1)).toBe(hash('sha256', Buffer.from(images.png, 'base64'), 'hex').slice(0, 32))
    const shown = await deployed.call('GET', path)
    expect(shown.status).toBe(200)
    expect(Buffer.from(shown.text, 'base64').equals(Buffer.from(images.png, 'base64'))).toBe(true)
    expect(shown.headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(JSON.stringify(shown.headers).toLowerCase()).toContain('"x-content-type-options":"nosniff"')

    const replaced = ((await upload(images.webp)).body as { organization: Shown }).organization.logo
    expect(replaced?.path).not.toBe(path)
    expect((await deployed.call('GET', path)).status).toBe(404)
    expect((await deployed.call('GET', replaced?.path ?? '')).headers['content-type']).toBe('image/webp')

    expect(((await remove()).body as { organization: Shown }).organization.logo).toBeNull()
    expect((await deployed.call('GET', replaced?.path ?? '')).status).toBe(404)
    expect((await allItems(deployed.table)).filter(({ kind }) => kind === 'logo')).toEqual([])
  })

  it('is removed once: without one, nothing is written', async () => {
    const { version } = await organization()
    expect((await remove()).body).toMatchObject({ organization: { logo: null, version } })
    expect((await organization()).version).toBe(version)
  })

  it('has as many bytes as are allowed', async () => {
    const png = Buffer.from(images.png, 'base64')
    const text = Buffer.alloc(maximumImageBytes - png.length)
    text.writeUInt32BE(text.length - 12)
    text.write('tEXt', 4)
    const largest = Buffer.concat([png.subarray(0, 33), text, png.subarray(33)])
    expect((await upload(largest.toString('base64'))).status).toBe(200)
    await remove()
  })

  it('tells a stranger nothing about organizations: every other path has one answer', async () => {
    const { path = '' } = ((await upload(images.png)).body as { organization: Shown }).organization.logo ?? {}
    const other = path.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    const answers = []
    for (const wanted of [
      other,
      path.replace(deployed.first.organizationId, deployed.second.organizationId),
      path.replace(deployed.first.organizationId, 'org_0000000000'),
    ]) {
      const { status, body, headers } = await deployed.call('GET', wanted)
      const { requestId: _, ...said } = body
      answers.push(JSON.stringify({ status, said, caching: headers['cache-control'] }))
    }
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('"status":404')
    expect(answers[0]).toContain('no-store')
    await remove()
  })

  it.each([
    ['an SVG', Buffer.from('<svg/>').toString('base64'), 'must be a PNG, JPEG or WebP image'],
    ['text', 'not base64!', 'must be base64'],
    ['a file that is too large', 'A'.repeat(43_696), 'must be at most 32 KB'],
  ])('is not %s', async (_name, image, message) => {
    const { status, body } = await upload(image)
    expect(status).toBe(400)
    expect(faultsOf(body)).toEqual([{ path: 'image', message }])
    expect((await organization()).logo).toBeNull()
  })

  it('changes only from the version that was seen, by whoever may change the organization, and with an audit row', async () => {
    const { version } = await organization()
    expect((await upload(images.png, { version: version - 1 })).status).toBe(409)
    expect((await organization()).logo).toBeNull()
    const rehearsed = await deployed.call('PUT', '/v1/organization/logo', {
      ...admin(),
      query: 'dryRun=true',
      json: { image: images.png },
    })
    expect(rehearsed.status).toBe(200)
    expect((await organization()).logo).toBeNull()

    const reader = await deployed.make({
      username: `reader-${version}`,
      permissions: { 'postern-organization': 'read', 'postern-audit': 'write' },
    })
    for (const method of ['PUT', 'DELETE'] as const) {
      const json = method === 'PUT' ? { json: { image: images.png } } : {}
      expect(
        (await deployed.call(method, '/v1/organization/logo', { ...as(reader.token), ...json })).status,
      ).toBe(403)
    }

    expect((await upload(images.jpeg, { version })).status).toBe(200)
    const shown = (await organization()).logo
    // Every user of the organization sees its look, not only those who may read its settings.
    const nobody = await deployed.make({ username: `nobody-${version}` })
    const me = await deployed.call('GET', '/v1/users/me', as(nobody.token))
    expect(me.body).toMatchObject({ organization: { colour: null, logo: shown } })
    await remove()
    const rows = (await allItems(deployed.table)).filter(
      (item) =>
        item['action'] === 'organization.changed' && JSON.stringify(item['changes']).includes('"logo"'),
    )
    const last = rows.toSorted((a, b) => (String(a['at']) < String(b['at']) ? -1 : 1)).slice(-2)
    const hash = shown?.path.split('/').at(-1)
    expect(last.map((row) => row['changes'])).toEqual([
      [{ field: 'logo', before: null, after: { hash, width: 24, height: 16 } }],
      [{ field: 'logo', before: { hash, width: 24, height: 16 }, after: null }],
    ])
  })

  it('is kept apart from what decisions and lists read', async () => {
    await upload(images.png)
    const holders = (await allItems(deployed.table)).filter((item) =>
      Object.values(item).some((value) => value instanceof Uint8Array || String(value).includes(images.png)),
    )
    expect(holders.map(({ kind }) => kind)).toEqual(['logo'])
    await remove()
  })
})
