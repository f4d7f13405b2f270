import { parseAddress } from './address.ts'
import { formatNetwork, longestPrefix, type Network, networkOf, sameAddress } from './network.ts'
import { isProvider, narrowings, type Provider, providerAliases, providerWords } from './provider.ts'

export type NetworkEntry = { readonly kind: 'network'; readonly network: Network }

/** `narrowing` is the part after the first colon: `eu-west-1`, `eu-west-1:EC2`, `AzureFrontDoor`. */
export type ProviderEntry = {
  readonly kind: 'provider'
  readonly provider: Provider
  readonly narrowing?: string
}

/** A single address is a network of one address. */
export type WhitelistEntry = NetworkEntry | ProviderEntry

export type ParsedEntry =
  | { readonly ok: true; readonly entry: WhitelistEntry }
  | { readonly ok: false; readonly message: string }

const longestEntryText = 128

const refused = (message: string): ParsedEntry => ({ ok: false, message })

const network = (value: Network): ParsedEntry => ({ ok: true, entry: { kind: 'network', network: value } })

const everyoneMessage =
  'A prefix length of 0 allows every address. To remove the restriction, leave the whitelist empty.'

const ipv4Refusal = (text: string): string => {
  if (/^\d+$/.test(text))
    return 'A plain number is not an address. Write IPv4 as four numbers with dots: 203.0.113.7.'
  if (/(^|\.)0[xX]/.test(text)) return 'Hexadecimal IPv4 is not accepted. Write decimal numbers: 203.0.113.7.'
  const octets = text.split('.')
  if (octets.length < 4) return 'An IPv4 address has four numbers: 203.0.113.7. Short forms are not accepted.'
  if (octets.length > 4) return 'An IPv4 address has exactly four numbers: 203.0.113.7.'
  const hasLeadingZero = octets.some((octet) => /^0\d/.test(octet))
  if (hasLeadingZero) {
    return 'Numbers with leading zeros are not accepted, because some programs read them as octal.'
  }
  return 'Each of the four numbers of an IPv4 address must be from 0 to 255.'
}

const addressRefusal = (text: string): string => {
  if (text.includes('%'))
    return 'Zone ids (the part from %) are not accepted, because they are valid on one machine only.'
  if (/[[\]]/.test(text)) return 'Write the address without brackets and without a port.'
  if (/^\d{1,3}(\.\d{1,3}){3}:\d+$/.test(text)) return 'Write the address without a port.'
  if (text.includes(':')) return 'This is not an IPv6 address (RFC 4291), such as 2001:db8::7.'
  if (text.includes('*')) return 'Wildcards are not accepted. Write a CIDR range such as 203.0.113.0/24.'
  if (/^[\d.]+-[\d.]+$/.test(text))
    return 'Ranges with a dash are not accepted. Write a CIDR range such as 203.0.113.0/24.'
  return ipv4Refusal(text)
}

const parseNetwork = (addressText: string, lengthText: string | undefined): ParsedEntry => {
  const address = parseAddress(addressText)
  if (address === undefined) return refused(addressRefusal(addressText))
  const longest = longestPrefix(address.family)
  if (lengthText === undefined) return network({ address, prefixLength: longest })

  const isMaskText = lengthText.includes('.')
  if (isMaskText) return refused('Write the prefix length as a number, such as /24, not as a mask.')
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText)) {
    return refused(
      'The prefix length after the slash must be a whole number without a sign or leading zeros.',
    )
  }
  const writtenAsIpv6 = addressText.includes(':')
  const longestWritten = writtenAsIpv6 ? 128 : 32
  const writtenLength = Number(lengthText)
  if (writtenLength === 0) return refused(everyoneMessage)
  if (writtenLength > longestWritten) {
    const family = writtenAsIpv6 ? 'IPv6' : 'IPv4'
    return refused(`The prefix length of an ${family} range is at most ${longestWritten}.`)
  }
  const isMapped = writtenAsIpv6 && address.family === 4
  if (isMapped && writtenLength < 96) {
    return refused('This range is wider than IPv4-mapped IPv6 (::ffff:0:0/96). Write the IPv4 range itself.')
  }
  const prefixLength = isMapped ? writtenLength - 96 : writtenLength
  // ::ffff:0:0/96 is all of IPv4.
  if (prefixLength === 0) return refused(everyoneMessage)

  const right = networkOf(address, prefixLength)
  if (!sameAddress(right.address, address)) {
    return refused(
      `The address has bits set after its prefix length. The network is ${formatNetwork(right)}.`,
    )
  }
  return network(right)
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

const parseProvider = (provider: Provider, names: readonly string[]): ParsedEntry => {
  if (names.length === 0) return { ok: true, entry: { kind: 'provider', provider } }
  const { parts, examples } = narrowings[provider]
  if (parts === 0)
    return refused(`${provider} publishes one list without regions or services. Write ${provider}.`)
  const wellFormed = names.length <= parts && names.every((name) => namePattern.test(name))
  if (!wellFormed) return refused(`After ${provider}, write a name from the published list: ${examples}.`)
  return { ok: true, entry: { kind: 'provider', provider, narrowing: names.join(':') } }
}

const meantProvider = (word: string): Provider | undefined => {
  const upperCase = word.toUpperCase()
  if (isProvider(upperCase)) return upperCase
  return Object.hasOwn(providerAliases, upperCase) ? providerAliases[upperCase] : undefined
}

/**
 * Parses one entry: an address (`203.0.113.7`, `2001:db8::7`), a CIDR range (`203.0.113.0/24`) or a provider word (`AWS`,
 * `AWS:eu-west-1`). `message` is one or two sentences for the author of the entry.
 */
export const parseEntry = (text: string): ParsedEntry => {
  if (text === '') return refused('The entry is empty.')
  if (text.length > longestEntryText) return refused(`An entry has at most ${longestEntryText} characters.`)
  if (text.trim() !== text) return refused('Remove the white space around the entry.')

  const [word = '', ...names] = text.split(':')
  if (isProvider(word)) return parseProvider(word, names)
  const meant = meantProvider(word)
  if (meant !== undefined)
    return refused(`Did you mean ${meant}? Provider words are written in capital letters.`)

  const looksLikeAddress = /[.:/%[]/.test(text) || /^\d/.test(text)
  if (!looksLikeAddress) {
    return refused(`An entry is an IP address, a CIDR range, or ${providerWords('or')}.`)
  }
  if (/\s/.test(text)) return refused('An entry is one address or range, without white space.')
  const [addressText = '', lengthText, ...rest] = text.split('/')
  if (rest.length > 0) return refused('A range has one slash only, such as 203.0.113.0/24.')
  return parseNetwork(addressText, lengthText)
}

/** The canonical text for storage: equivalent entries have the same text. */
export const formatEntry = (entry: WhitelistEntry): string => {
  if (entry.kind === 'network') return formatNetwork(entry.network)
  return entry.narrowing === undefined ? entry.provider : `${entry.provider}:${entry.narrowing}`
}
