/** Addresses of searches name only what was chosen. */
export function tidySearches(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[role=search]')) {
    form.addEventListener('formdata', ({ formData }) => {
      const empty = [...formData].filter(([, value]) => value === '');
      for (const [name] of empty) formData.delete(name);
      // A distance is from somewhere.
      if (!formData.has('near')) formData.delete('km');
    });
  }
}
