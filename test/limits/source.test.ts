import { describe, expect, it } from 'vitest'
import { siteOf, sourceOf } from '../../lib/limits/source.ts'

describe('the networks of an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9', null],
    ['::ffff:203.0.113.9', '203.0.113.9', null],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:DB8::1', '2001:db8::/64', '2001:db8::/48'],
    ['::1', '::/64', '::/48'],
    ['what a proxy wrote', 'unreadable', null],
  ])('of %s are %s and %s', (address, source, site) => {
    expect([sourceOf(address), siteOf(address)]).toEqual([source, site])
  })
})
