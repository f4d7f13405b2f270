/** People whose names share beginnings, within a name and with others. None has more search words than the index holds. */
export const sampleNames: readonly {
  readonly login: string
  readonly firstName?: string
  readonly lastName?: string
  readonly domain?: string
}[] = [
  { login: 'ada', firstName: 'Ada', lastName: 'Adams' },
  { login: 'bob', firstName: 'Ádá', lastName: 'Straße', domain: 'example' },
  { login: 'partner', firstName: 'Siobhán' },
  { login: 'x', firstName: 'Bob', lastName: "O'Neil" },
  { login: 'adalbert', domain: 'ada' },
  { login: 'unused', firstName: 'Zoë', lastName: 'Müller' },
  { login: 'unused', firstName: 'Müller-Ray' },
]
