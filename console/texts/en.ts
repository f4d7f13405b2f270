/** All English texts of the console: one object for each screen, in alphabetical order. Another language is another file of this shape. */

const plural = (count: number, one: string, many: string): string =>
  `${new Intl.NumberFormat('en').format(count)} ${count === 1 ? one : many}`

const idle = {
  title: 'Are you still there?',
  text: (when: string) => `Your session ends ${when}, because nothing happened for a while.`,
  stay: 'Stay signed in',
  absolute: (when: string) => `Your session ends ${when}. Save what you are doing, then sign in again.`,
}

const palette = {
  title: 'Go to',
  label: 'Search screens, actions and users',
  placeholder: 'A screen, an action or a user',
  results: 'Results',
  nothing: 'Nothing matches.',
  screen: 'Screen',
  deed: 'Action',
  user: 'User',
}

const parts = {
  busy: ' (in progress)',
  cancel: 'Cancel',
  clearFilters: 'Clear filters',
  close: 'Close',
  copied: 'Copied',
  correct: 'Correct what is marked, and try again.',
  copiedWhat: (what: string) => `${what} copied`,
  copy: 'Copy',
  copyWhat: (what: string) => `Copy ${what}`,
  dismiss: 'Dismiss',
  firstPage: 'First page',
  nextPage: 'Next page',
  notCopied: 'The browser did not allow copying. Select the text and copy it.',
  optional: 'optional',
  savedIt: 'I have saved it',
  shownOnce: 'Copy this now. It is shown only once and cannot be shown again.',
}

const shell = {
  account: (username: string) => `Account of ${username}`,
  groups: {
    access: 'Access',
    watch: 'What happens',
    organization: 'Organization',
  },
  menu: 'Menu',
  navigation: 'Console',
  newVersion:
    'This part of the console could not be loaded. Either you are offline, or the console has been updated.',
  newVersionTitle: 'Reload the console',
  noSuchPage: 'The console has no such page.',
  product: 'Postern',
  reference: 'API reference',
  reload: 'Reload',
  search: 'Search',
  signOut: 'Sign out',
  skip: 'Skip to the content',
  tabTitle: (title: string) => `${title} · Postern`,
}

const signIn = {
  title: 'Sign in',
  username: 'Username or e-mail',
  password: 'Password',
  submit: 'Sign in',
  forgot: 'Forgot password?',
  refused:
    'The username or the password is wrong, or this is an API user, which calls APIs and cannot sign in to the console.',
  oneMoreStep: 'One more step is needed.',
  againTitle: 'Your session has ended',
  again: 'Sign in to continue. What you entered is still here.',
}

const states = {
  failedTitle: 'This could not be loaded',
  loading: 'Loading',
  needs: (permission: string) =>
    `You need the permission ${permission}. An administrator of your organization can give it to you.`,
  noRight:
    'Your permissions do not include this. An administrator of your organization can give them to you.',
  noRightTitle: 'You may not see this',
  notFound: 'It does not exist, it was deleted, or it belongs to another organization.',
  notFoundTitle: 'Not found',
  offline: 'Postern does not answer. Check your network connection.',
  offlineTitle: 'No connection',
  ourFault: (requestId: string) =>
    `Something went wrong in Postern. Try again. If it happens again, give this request id to whoever operates it: ${requestId}`,
  request: 'Request',
  retry: 'Try again',
  stillOld: (why: string) => `This may be out of date. ${why}`,
  tooMany: (seconds: number) => `Too many requests. Try again in ${plural(seconds, 'second', 'seconds')}.`,
  unreadable: 'The answer did not come from Postern. A proxy or a firewall may have changed it.',
}

const users = {
  title: 'Users',
  lead: 'API users and people of your organization, and guests of other organizations.',
  add: 'Add user',
  caption: 'Users',
  pages: 'Pages of users',
  search: 'Search',
  searchHint: 'A part of the username, name or e-mail',
  status: 'Status',
  anyStatus: 'Any status',
  active: 'Active',
  disabled: 'Disabled',
  role: 'Role',
  anyRole: 'Any role',
  accountGroup: 'Account group',
  anyAccountGroup: 'Whole organization',
  username: 'Username',
  roles: 'Roles',
  noRoles: 'None',
  kind: 'Kind',
  api: 'API user',
  dashboard: 'Console user',
  email: 'E-mail',
  noEmail: 'None',
  lastLogin: 'Last login',
  never: 'Never',
  whitelist: 'Whitelist',
  anyAddress: 'Any address',
  entries: (count: number) => plural(count, 'entry', 'entries'),
  created: 'Created',
  places: { home: 'Home', guest: 'Guest', invited: 'Invited', asleep: 'Asleep' },
  noneTitle: 'No users yet',
  none: 'Add the first API user, and give it a key or a token.',
  noMatchTitle: 'No user matches',
  noMatch: 'Change the search or the filters.',
  noMatchYet: (count: number) =>
    `No match among ${plural(count, 'user', 'users')} yet. There are more users.`,
  searchOn: 'Search on',
  searching: 'Searching',
  shown: (count: number) => plural(count, 'user', 'users'),
  new: {
    title: 'Add user',
    kind: 'What is it?',
    apiHint: 'Calls APIs with a key or a token. It cannot sign in to this console.',
    dashboardHint: 'Signs in to this console with a password. It can also have keys and tokens.',
    usernameHint:
      "Letters, digits and .!#$%&'*+/=?^_{|}~@- without blanks. Leave it empty to use the id of the new key.",
    usernameHintPlain: "Letters, digits and .!#$%&'*+/=?^_{|}~@- without blanks",
    emailHint: 'For links to choose a password, and for notices such as expiring keys',
    name: 'Name',
    description: 'Description',
    role: 'Role',
    noRole: 'No role',
    roleHint: 'You can add permissions on sections and endpoints afterwards.',
    whitelist: 'Whitelist',
    whitelistHint:
      'Addresses that it may call from: one address, range or cloud in each line, such as 203.0.113.7, 2001:db8::/32 or AWS:eu-west-1. Empty: any address.',
    credential: 'Credential',
    key: 'Key (id and secret)',
    keyHint: 'For Basic authentication and OAuth client credentials',
    token: 'Token',
    tokenHint: 'One text in the Authorization header',
    none: 'None',
    noneHint: 'Create keys and tokens afterwards.',
    submit: 'Add user',
    madeTitle: (username: string) => `${username} is added`,
    keyId: 'Key id',
    secret: 'Secret',
    invited: (username: string) =>
      `${username} is at home in another organization and is invited. It has a place here once it accepts.`,
    made: (username: string) => `${username} is added`,
  },
}

export const texts = { idle, palette, parts, shell, signIn, states, users }
