import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { showAccent } from '../client/accent.ts'
import type { Me } from '../client/session.ts'
import { signOut } from '../client/session.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Icon } from '../parts/icon.tsx'
import { Logo } from '../parts/logo.tsx'
import { Menu } from '../parts/menu.tsx'
import { hrefOf, open, usePlace } from '../router.ts'
import { mayOpen, screens } from '../screens.ts'
import { texts } from '../texts/en.ts'
import { openPalette } from './palette.tsx'
import { SwitchOrganization } from './switch-organization.tsx'

const groups = Object.keys(texts.shell.groups) as (keyof typeof texts.shell.groups)[]
const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

/** The frame of every screen: sidebar, top bar, and the place of the screen. */
export const Shell = ({ me, children }: { readonly me: Me; readonly children: ComponentChildren }) => {
  const { path } = usePlace()
  const [isMenuOpen, setIsMenuOpen] = useState(false)
  const [isSwitching, setIsSwitching] = useState(false)
  const { colour, logo } = me.organization
  useEffect(() => setIsMenuOpen(false), [path])
  useEffect(() => {
    showAccent(colour)
    return () => showAccent(null)
  }, [colour])
  return (
    <div class={`shell${isMenuOpen ? ' menu-open' : ''}`}>
      <a class="skip" href="#main">
        {texts.shell.skip}
      </a>
      <header class="top">
        <span class="menu-button">
          <button
            type="button"
            class="button quiet square"
            aria-expanded={isMenuOpen}
            aria-controls="sidebar"
            aria-label={texts.shell.menu}
            onClick={() => setIsMenuOpen(!isMenuOpen)}
          >
            <Icon name={isMenuOpen ? 'close' : 'menu'} />
          </button>
        </span>
        <a class="brand" href={hrefOf('/')}>
          {logo === null ? <Icon name="roles" /> : <Logo source={logo.path} />}
          <span>{me.organization.name}</span>
        </a>
        <div class="spring" />
        <span class="search-button">
          <Button icon="search" onClick={openPalette}>
            {texts.shell.search} <kbd>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
          </Button>
        </span>
        <span class="search-icon">
          <IconButton icon="search" label={texts.shell.search} onClick={openPalette} />
        </span>
        <AccountMenu me={me} onSwitch={() => setIsSwitching(true)} />
      </header>
      <Sidebar me={me} path={path} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {isSwitching ? <SwitchOrganization me={me} onClose={() => setIsSwitching(false)} /> : null}
    </div>
  )
}

const Sidebar = ({ me, path }: { readonly me: Me; readonly path: string }) => (
  <nav id="sidebar" class="sidebar" aria-label={texts.shell.navigation}>
    {groups.map((group) => {
      const rows = screens.filter((row) => row.menu?.group === group && mayOpen(me, row))
      return rows.length === 0 ? null : (
        <div key={group}>
          <h2>{texts.shell.groups[group]}</h2>
          <ul>
            {rows.map((row) => (
              <li key={row.path}>
                <a
                  href={hrefOf(row.path)}
                  aria-current={
                    path === row.path ? 'page' : path.startsWith(`${row.path}/`) ? 'true' : undefined
                  }
                >
                  {row.menu === undefined ? null : <Icon name={row.menu.icon} />}
                  {row.title}
                </a>
              </li>
            ))}
          </ul>
        </div>
      )
    })}
  </nav>
)

const AccountMenu = ({ me, onSwitch }: { readonly me: Me; readonly onSwitch: () => void }) => {
  const account = screens.find(({ path }) => path === '/account')
  return (
    <div class="account">
      <span class="who">{me.user.username}</span>
      <Menu
        label={texts.shell.account(me.user.username)}
        icon="account"
        deeds={[
          ...(account === undefined
            ? []
            : [{ text: account.title, onChoose: () => open(hrefOf(account.path)) }]),
          { text: texts.shell.switch, onChoose: onSwitch },
          { text: texts.shell.reference, onChoose: () => window.location.assign('/docs') },
          { text: texts.shell.signOut, onChoose: () => void signOut() },
        ]}
      />
    </div>
  )
}
