/** The logo of an organization, whose name stands beside it. The style sheet keeps it small, and on white in both looks. */
export const Logo = ({ source }: { readonly source: string }) => <img class="logo" src={source} alt="" />
