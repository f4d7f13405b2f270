import type { DenialReason } from '../../lib/decision/decide.ts'

/** All English texts of the console: one object for each screen, in alphabetical order. Another language is another file of this shape. */

const plural = (count: number, one: string, many: string): string =>
  `${new Intl.NumberFormat('en').format(count)} ${count === 1 ? one : many}`

const auditRows = {
  at: 'Time',
  action: 'Action',
  actor: 'By',
  address: 'Address',
  by: 'by',
  changes: 'Changes',
  kinds: {
    user: 'User',
    self: 'The user, by a mailed link',
    system: 'Postern',
    claimed: 'Unproven',
    organization: 'Another organization',
  },
  more: (count: number) => `At least ${plural(count, 'more', 'more')} in this minute`,
  refused: 'Refused',
}

const denials = {
  title: 'Denials',
  one: 'Refused request',
  lead: 'Requests that were refused in the last 24 hours, newest first. Under many denials, only some of each minute are kept.',
  pages: 'Pages of denials',
  accountGroup: 'Account group',
  address: 'Address',
  anyApi: 'Any API',
  anyReason: 'Any reason',
  api: 'API',
  at: 'Time',
  caller: 'Caller',
  claimed: 'Unproven',
  credential: 'Credential',
  decidedBy: 'Decided by',
  failed: 'Failed',
  goOn: 'Show new ones',
  noMatchTitle: 'No denial matches',
  none: 'A denial is listed here about a second after it happens.',
  noneTitle: 'Nothing was refused',
  passed: 'Passed',
  passesNow: 'The same request would pass now. Nothing needs to change.',
  pause: 'Pause',
  reason: 'Reason',
  refusedNow: (title: string) =>
    `Things have changed since. The same request would be refused now for another reason: ${title}.`,
  remedyTitle: 'What would allow it',
  request: 'Request',
  requestId: 'Request id',
  searchOn: 'No match on this page. There are more denials on the next one.',
  stepsLead: 'The checks that were made, in order. The first one that fails ends the decision.',
  stepsTitle: 'Why it was refused',
  unknown: 'Unknown',
  userId: 'User id',
  change: {
    title: 'Prepared change',
    after: 'After',
    before: 'Before',
    field: 'Field',
    foretold: 'What the change would do',
    make: 'Make this change',
    nothing: 'The dry run changes nothing.',
    allowAddress: (address: string, username: string) => `Add ${address} to the whitelist of ${username}.`,
    enableCredential: (keyId: string, username: string) => `Enable ${keyId} of ${username}.`,
    enableUser: (username: string) => `Enable ${username}.`,
    grant: (level: string, granted: string, username: string) =>
      `Grant ${level} on ${granted} to ${username}.`,
    wake: (username: string) => `Confirm the place of ${username}.`,
  },
  checks: {
    credential: 'Credential',
    standing: 'User, place and organization',
    audience: 'Audience of the token',
    whitelist: 'Whitelist',
    'whitelist of the actor': 'Whitelist of the actor',
    'account group': 'Account group',
    api: 'API and route',
    permission: 'Permission',
    'rate limit': 'Rate limit',
  },
  places: {
    authorizer: 'The authorizer of a protected API',
    postern: 'Postern itself',
  },
  reasons: {
    credential_missing: {
      title: 'No credential',
      advice:
        'Have the client send its credential in the Authorization header. A proxy in between may drop it.',
    },
    credential_malformed: {
      title: 'Malformed credential',
      advice:
        'Compare what is configured at the client with what was handed out. If in doubt, create a new credential.',
    },
    credential_unknown: {
      title: 'Unknown credential',
      advice:
        'Look at the credentials of the user. If this one was deleted on purpose, a client still uses it. If many different ones fail, somebody is guessing.',
    },
    credential_disabled: {
      title: 'Disabled credential',
      advice: 'Somebody disabled this key or token. Enable it if it should work.',
    },
    credential_expired: {
      title: 'Expired credential',
      advice: 'Create a new credential and hand it out. Next time, rotate before the expiry.',
    },
    session_invalid: {
      title: 'Invalid session token',
      advice:
        'Check that the client calls the deployment at which it logged in. Otherwise treat this as an attack.',
    },
    session_expired: {
      title: 'Expired session token',
      advice: 'Nothing needs to change: the client logs in again.',
    },
    session_ended: {
      title: 'Ended session',
      advice:
        'The session was logged out or revoked. Nothing needs to change, unless the user did not do it.',
    },
    session_superseded: {
      title: 'Superseded session',
      advice:
        'The password, status or roles of the user changed after the session began. Nothing needs to change: the client logs in again.',
    },
    actor_refused: {
      title: 'Actor refused',
      advice: 'The actor may no longer act as the user. If it still may, it exchanges its token again.',
    },
    user_disabled: {
      title: 'Disabled user',
      advice: 'Enable the user if it should call again.',
    },
    membership_missing: {
      title: 'No place in the organization',
      advice: 'Invite the user again, or delete its credential.',
    },
    membership_inactive: {
      title: 'Place not active',
      advice:
        'An invited user has to accept the invitation. A place that is asleep has to be confirmed, once you know who holds the user.',
    },
    organization_inactive: {
      title: 'Inactive organization',
      advice: 'An administrator of the first organization activates the organization.',
    },
    session_audience: {
      title: 'Token for another API',
      advice: 'Have the client ask for a token with the audience of this API.',
    },
    address_missing: {
      title: 'No source address',
      advice: 'The type of the authorizer passes no source address. Use a REQUEST authorizer or an HTTP API.',
    },
    address_unreadable: {
      title: 'Unreadable source address',
      advice: 'Check what is in front of API Gateway.',
    },
    whitelist_required: {
      title: 'No whitelist',
      advice:
        'The organization requires a whitelist for every user, and this user has none. Add the address if you know whose it is.',
    },
    whitelist_no_match: {
      title: 'Address not in the whitelist',
      advice: 'Add the address if you know whose it is. Behind a proxy, the address of the proxy counts.',
    },
    whitelist_unevaluable: {
      title: 'Whitelist cannot be evaluated',
      advice:
        'Save the whitelist again. If it names a cloud provider, find out why the list of the provider is not refreshed.',
    },
    account_group_unknown: {
      title: 'Unknown account group',
      advice: 'Correct the account group in the request of the client.',
    },
    acting_refused: {
      title: 'Acting refused',
      advice: 'Nothing needs to change: acting as another user is for protected APIs only.',
    },
    path_refused: {
      title: 'Ambiguous path',
      advice:
        'Have the client send the plain path. From an unknown client, treat this as an attempt to bypass a permission.',
    },
    route_mismatch: {
      title: 'Route mismatch',
      advice: 'Compare the route in API Gateway with the base path that the API is bound with.',
    },
    api_unknown: {
      title: 'Unknown API',
      advice: 'Bind the gateway to an API, or have the owner of the API share it with your organization.',
    },
    share_exceeded: {
      title: 'Beyond the share',
      advice: 'Ask the owner of the API to share more, or tell the user not to call this endpoint.',
    },
    permission_not_granted: {
      title: 'Permission missing',
      advice:
        'Grant the permission below if the user should have it. A role may be the better place if others need it too.',
    },
    scope_exceeded: {
      title: 'Beyond the account group',
      advice:
        'The operation concerns the whole organization. Ask somebody who holds the permission for all account groups.',
    },
    rate_limited: {
      title: 'Rate limit reached',
      advice: 'Spread the requests, or raise the limit of the user or the organization.',
    },
  } satisfies Readonly<Record<DenialReason, { readonly title: string; readonly advice: string }>>,
}

const idle = {
  title: 'Are you still there?',
  text: (when: string) => `Your session ends ${when}, because nothing happened for a while.`,
  stay: 'Stay signed in',
  absolute: (when: string) => `Your session ends ${when}. Save what you are doing, then sign in again.`,
}

const impact = {
  address: 'Address',
  addresses: 'Addresses that would be refused',
  calls: 'Calls',
  credential: 'Credential',
  endpoint: 'Endpoint',
  endpoints: 'Calls that would be refused',
  lastSeen: 'Last seen',
  nothingRefused: 'None of the recent calls of this user would be refused.',
  nothingSeen: 'No calls of this user were seen in the last 90 days, so nothing can be compared.',
  refused: (lastWeek: number, all: number) =>
    `This would refuse recent use: ${lastWeek} of what was seen in the last week, ${all} of the last 90 days.`,
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
  discard: 'Discard changes',
  dismiss: 'Dismiss',
  firstPage: 'First page',
  keyId: 'Key id',
  nextPage: 'Next page',
  noApi: 'None registered',
  notCopied: 'The browser did not allow copying. Select the text and copy it.',
  optional: 'optional',
  postern: 'Postern',
  password: 'Password',
  savedIt: 'I have saved it',
  secret: 'Secret',
  shownOnce: 'Copy this now. It is shown only once and cannot be shown again.',
  token: 'Token',
  unsaved: 'You have changes that are not saved. Leave them?',
}

const permissions = {
  addEndpoint: 'Add endpoint',
  api: 'API',
  endpointCount: (count: number) => plural(count, 'endpoint', 'endpoints'),
  endpoints: 'Single endpoints',
  endpointsHint:
    'Endpoints beside the sections. {name} stands for one part of the path, a last * for the rest.',
  filter: 'Find sections and endpoints',
  filterHint: 'A part of a name or a path',
  gone: 'Not in any API that you see',
  goneHint: 'Clear it to remove this permission.',
  levelOf: (section: string) => `Level on ${section}`,
  none: 'None',
  pattern: 'Method and path',
  postern: "Postern's own API",
  read: 'Read',
  write: 'Write',
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

const user = {
  title: 'User',
  tabs: 'Parts of this user',
  conflict:
    'Somebody else changed this user in the meantime. The page shows what is there now; your input is still in the form. Compare, and save again.',
  guest: {
    home: '',
    guest:
      'This user is at home in another organization, which sets its fields, credentials and whitelist. You give it rights here.',
    invited: 'This user is at home in another organization and has not accepted your invitation yet.',
    asleep:
      'The place of this guest is asleep, because somebody else than the guest changed what proves it. Confirm it on this page after you asked the guest.',
  },
  access: {
    tab: 'Access',
    endpoint: 'Endpoint',
    everywhere: 'All account groups',
    login: 'Login account group',
    loginHint: 'The account group of requests that name none',
    noLogin: 'None',
    permissionsLead:
      'Permissions that this user has besides those of its roles. They only add up: nothing takes away what a role grants.',
    permissionsTitle: 'Own permissions',
    roleIn: (role: string, group: string) => `${role} in ${group}`,
    rolesLead: 'Changing roles ends all sessions of the user.',
    rolesSaved: 'Roles saved',
    rolesTable: 'Roles by account group',
    rolesTitle: 'Roles',
    saved: 'Permissions saved',
    savePermissions: 'Save permissions',
    saveRoles: 'Save roles',
  },
  activity: {
    tab: 'Activity',
    address: 'Address',
    addresses: 'Source addresses',
    api: 'API',
    auditAll: 'Open in the audit',
    auditLead: 'What was done to this user, newest first.',
    auditNone: 'No entries',
    auditTitle: 'Audit',
    calls: 'Calls',
    credential: 'Credential',
    endpoint: 'Endpoint',
    endpoints: 'Calls',
    first: 'First seen',
    last: 'Last seen',
    none: 'Calls are recorded every few minutes, and kept for 90 days after the last one.',
    noneTitle: 'No calls were seen',
    now: 'Now',
    refused: 'Refused',
    seenLead: 'Recorded every few minutes, kept for 90 days after the last call.',
    seenTitle: 'Recent use',
    timeLine: 'When each address and endpoint was seen, from first to last',
  },
  credentials: {
    tab: 'Credentials',
    lead: 'Keys and tokens. A secret is shown once, when it is made.',
    actions: 'Actions',
    actionsOf: (name: string) => `Actions for ${name}`,
    active: 'Active',
    ask: {
      disable: (name: string) => `Disable ${name}?`,
      enable: (name: string) => `Enable ${name}?`,
      delete: (name: string) => `Revoke ${name}?`,
    },
    create: 'Create credential',
    created: 'Created',
    delete: 'Revoke',
    did: {
      disable: (name: string) => `${name} is disabled`,
      enable: (name: string) => `${name} is enabled`,
      delete: (name: string) => `${name} is revoked`,
    },
    disable: 'Disable',
    disabled: 'Disabled',
    effect: {
      disable: 'It is refused from now on, and all sessions of the user end. You can enable it again.',
      enable: 'It works again. All sessions of the user end.',
      delete:
        'It is refused from now on, and sessions that it opened end. It cannot be brought back: to replace it without an interruption, rotate it instead.',
    },
    enable: 'Enable',
    endOld: 'End the old one when the new one is used for the first time',
    endOldHint: 'Otherwise both work until the overlap ends.',
    expired: 'Expired',
    expires: 'Expires',
    imported: 'Imported',
    kind: 'Kind',
    kinds: { key: 'Key', token: 'Token' },
    lastUse: 'Last use',
    name: 'Name',
    neverExpires: 'Never',
    neverUsed: 'Never',
    new: {
      title: 'Create credential',
      name: 'Name',
      nameHint: 'Where it is used, such as "production"',
      kind: 'Kind',
      expires: 'Expires at the end of',
      expiresHint: 'Empty: never. Its user and the administrators get a mail before.',
      submit: 'Create credential',
      madeTitle: (name: string) => `${name} is created`,
    },
    none: 'Without a credential the user can only log in with a password.',
    noneTitle: 'No keys and tokens',
    oldWorksUntil: 'The old one works until',
    overlap: 'Overlap',
    overlapHint: 'How long the old one works beside the new one, never beyond its own expiry',
    overlaps: 'Replaced, still works',
    overlapTexts: {
      '0': 'None: the old one ends now',
      '3600': '1 hour',
      '86400': '1 day',
      '604800': '7 days',
      '2592000': '30 days',
    },
    replacedByText: (name: string) => `Replaced by ${name}`,
    replaces: 'Rotation',
    replacesText: (name: string) => `Replaces ${name}`,
    rotate: 'Rotate',
    rotateImported:
      'A new credential of Postern takes the place of the imported one. It gets the same lifetime, counted from now.',
    rotateText: 'A new credential takes its place. It gets the same lifetime, counted from now.',
    rotateTitle: (name: string) => `Rotate ${name}`,
    status: 'Status',
  },
  overview: {
    tab: 'Overview',
    ask: {
      disable: (name: string) => `Disable ${name}?`,
      enable: (name: string) => `Enable ${name}?`,
      wake: (name: string) => `Confirm ${name}?`,
      delete: (name: string) => `Delete ${name}?`,
      remove: (name: string) => `Remove ${name} from this organization?`,
    },
    changed: 'Last change',
    credentialsEnd: (count: number) =>
      count === 0
        ? 'It has no keys or tokens.'
        : `${plural(count, 'key or token stops', 'keys and tokens stop')} working.`,
    deeds: 'Actions',
    delete: 'Delete user',
    deleteEffects: [
      'It cannot be undone.',
      'Its password, keys, tokens and sessions end at once in Postern, and within seconds at your APIs.',
      'Its username can be given to somebody else. The audit keeps what it did.',
    ],
    deleteText: 'Ends everything that this user has. It cannot be undone.',
    description: 'Description',
    did: {
      disable: (name: string) => `${name} is disabled`,
      enable: (name: string) => `${name} is enabled`,
      wake: (name: string) => `${name} is confirmed`,
      delete: (name: string) => `${name} is deleted`,
      remove: (name: string) => `${name} is removed`,
    },
    disable: 'Disable user',
    disableText: 'All sessions end, and keys and tokens are refused until you enable the user again.',
    edit: 'Edit',
    editTitle: (name: string) => `Edit ${name}`,
    effect: {
      disable:
        'All its sessions end at once, and its keys, tokens and password are refused, within seconds at your APIs. Nothing is deleted: enable the user to undo it.',
      enable:
        'Its keys, tokens and password work again. Its places in other organizations stay asleep until these confirm them.',
      wake: 'Ask the guest first whether it changed its credentials or e-mail itself.',
    },
    emailHint:
      'A changed address gets a link to choose a password, and no other mail before the link was used.',
    enable: 'Enable user',
    enableText: 'Its keys, tokens and password work again.',
    firstName: 'First name',
    guestPlaces: 'Places in other organizations',
    lastName: 'Last name',
    limit: (count: number) => `${plural(count, 'request', 'requests')} a minute`,
    limitEdit: 'Change limit',
    limitHint: 'Empty: none of its own',
    limitLabel: 'Requests a minute',
    limitLead: "It counts beside the organization's limit.",
    limitTitle: 'Rate limit',
    link: 'Create reset link',
    linkEffect:
      'The link lets whoever opens it choose a new password. It works once, within 1000 seconds, and ends every earlier link. Give it to the user over a channel that you trust.',
    linkLabel: 'Link',
    linkText: 'For a user who does not read mail: a link to choose a new password.',
    linkTitle: (name: string) => `Reset link for ${name}`,
    linkWorksUntil: 'It works once, until',
    location: 'Location',
    name: 'Name',
    noLimit: 'Only the limit of the organization',
    noVendor: 'None',
    placesEnd: (count: number) => `${plural(count, 'place', 'places')} in other organizations end.`,
    remove: 'Remove from organization',
    removeEffects: [
      'Its roles and permissions here end. You can invite it again.',
      'Its account at its home organization stays.',
    ],
    removeText: 'Ends the place of this guest here. Its home organization keeps the user.',
    save: 'Save',
    saved: 'Saved',
    timezone: 'Time zone',
    typeName: (name: string) => `Type ${name} to confirm`,
    unverified: 'Unverified',
    userId: 'User id',
    vendor: 'Integration vendor',
    wake: 'Confirm guest',
    wakeText: 'The place is asleep, because somebody else than the guest changed what proves it.',
  },
  whitelist: {
    tab: 'Whitelist',
    lead: 'The addresses that this user may call from. An empty list allows any address, unless the organization demands a list.',
    add: 'Add',
    addCloud: 'Add to the list',
    address: 'Address',
    allowed: 'May call from there.',
    check: 'Check',
    checkLead: 'Against the saved list',
    checkTitle: 'Check an address',
    chooseProvider: 'Choose a cloud',
    cloud: 'Add a cloud',
    entries: 'Entries',
    entriesHint: 'One address, range or cloud in each line: 203.0.113.7, 2001:db8::/32, AWS:eu-west-1',
    fault: (entry: string, message: string) => `${entry}: ${message}`,
    narrowing: 'Region or service',
    narrowingHint: 'As the cloud publishes it. Without one, everybody who rents there can call.',
    noSuchName: 'The published list has no such name.',
    provider: 'Cloud',
    refused: 'May not call from there.',
    save: 'Save whitelist',
    saved: 'Whitelist saved',
  },
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
    invited: (username: string) =>
      `${username} is at home in another organization and is invited. It has a place here once it accepts.`,
    made: (username: string) => `${username} is added`,
  },
}

export const texts = {
  auditRows,
  denials,
  idle,
  impact,
  palette,
  parts,
  permissions,
  shell,
  signIn,
  states,
  user,
  users,
}
