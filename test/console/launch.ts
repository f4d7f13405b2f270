import chromium from '@sparticuz/chromium'
import type { Browser } from 'playwright-core'
import { chromium as playwright } from 'playwright-core'

/**
 * Of the arguments for a Lambda function: in one process the whole browser would end with its first page, without web security it keeps
 * no site from another and sends no Origin, a GPU in software takes two thirds of the browser's processor time, and without a zygote each
 * page loads the browser's libraries anew.
 */
const unwanted =
  /^--(?:single-process|no-zygote|disable-web-security|allow-running-insecure-content|disable-site-isolation-trials|in-process-gpu|ignore-gpu-blocklist|enable-unsafe-swiftshader|use-gl=.*|use-angle=.*)$/

export const launchBrowser = async (): Promise<Browser> =>
  playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((argument) => !unwanted.test(argument)), '--no-sandbox', '--disable-gpu'],
    // With the language of a container, `navigator.language` is no language.
    env: { ...process.env, LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' },
  })
