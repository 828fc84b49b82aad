// Files that the build embeds as text.

declare module '*.html' {
  const text: string;
  export default text;
}

declare module '*.page.js' {
  const text: string;
  export default text;
}
