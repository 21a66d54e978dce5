/** What may stand where an address has a UUID: anything else is not found, and the API need not be asked. */
export const isUuid = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
