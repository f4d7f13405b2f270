/** Outlines on a 20 × 20 grid, drawn with the colour of the text. They repeat what a text says, so screen readers skip them. */
const outlines = {
  users:
    'M7.5 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 17c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 3.4a3 3 0 0 1 0 5.2M15 12.4c1.8.7 3 2.4 3 4.6',
  apis: 'M3 5h14M3 10h14M3 15h14M6 3v4M13 8v4M8 13v4',
  roles: 'M10 2.5 16.5 5v5c0 4-3 6.5-6.5 7.5C6.5 16.5 3.5 14 3.5 10V5L10 2.5Z',
  groups: 'M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z',
  vendors: 'M3 8 4.5 3h11L17 8M3 8v9h14V8M3 8h14M8 17v-5h4v5',
  organization: 'M4 17V3h8v14M12 8h4v9M2.5 17h15M7 6.5h2M7 10h2M7 13.5h2',
  providers: 'M6 15a3.5 3.5 0 0 1-.5-7A5 5 0 0 1 15 8.5a3.200 3.200 0 0 1-.5 6.5Z',
  audit: 'M5 2.5h7l3.5 3.5v11.5h-10.5zM8 9h5M8 12h5M8 15h3',
  denials: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM4.700 4.700l10.600 10.600',
  usage: 'M3 17V3M3 17h14M6.5 14v-4M10 14V6M13.5 14V9',
  sources: 'M3 3h8v8H3zM13 3h4v4h-4zM13 9h4v8h-4zM3 13h8v4H3z',
  expiries: 'M3.5 4.5h13v12h-13zM3.5 8h13M7 2.5v3M13 2.5v3',
  account: 'M10 9a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 18c0-4 3-6.5 7-6.5s7 2.5 7 6.5',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12ZM13.5 13.5 17.5 17.5',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  close: 'M5 5l10 10M15 5 5 15',
  add: 'M10 4v12M4 10h12',
  copy: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
  done: 'M4 10.5 8.5 15 16.5 5.5',
  warning: 'M10 3 18 17H2L10 3ZM10 8v4.5M10 14.800v.2',
  more: 'M4.5 11a1 1 0 1 0 0-2 1 1 0 0 0 0 2ZM10 11a1 1 0 1 0 0-2 1 1 0 0 0 0 2ZM15.5 11a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z',
  up: 'M10 16V4M5 9l5-5 5 5',
  down: 'M10 4v12M5 11l5 5 5-5',
  back: 'M12.5 4.5 7 10l5.5 5.5',
  forward: 'M7.5 4.5 13 10l-5.5 5.5',
} as const

export type IconName = keyof typeof outlines

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d={outlines[name]} />
  </svg>
)
