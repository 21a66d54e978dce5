declare module 'virtual:dates/*' {
  const names: import('#lib/time/names.ts').DateNames;
  export default names;
}

declare module 'virtual:zones/*' {
  const names: Record<string, string>;
  export default names;
}

declare module 'virtual:languages' {
  const names: Record<string, string>;
  export default names;
}

declare module 'virtual:messages/*' {
  const messages: Record<string, (values?: object) => string>;
  export default messages;
}
