/** What a function's worker is started with. */
export type WorkerStart = {
  readonly entryUrl: string
  readonly exportName: string
  readonly functionName: string
  readonly functionArn: string
  readonly memoryMegabytes: number
  readonly compileCacheFolder: string
}

/** Events and results cross as JSON text, as on Lambda: what JSON cannot carry is lost here too. */
export type Invocation = { readonly requestId: string; readonly event: string; readonly deadline: number }

export type FunctionError = {
  readonly errorType: string
  readonly errorMessage: string
  readonly stack?: string
}

export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'not-loaded'; readonly error: FunctionError }
  | { readonly type: 'result'; readonly requestId: string; readonly payload: string }
  | { readonly type: 'error'; readonly requestId: string; readonly error: FunctionError }
