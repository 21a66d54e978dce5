/** A place in lines of text, and its point. */

import type { PlaceAddressFragment } from '#lib/graphql/generated/graphql.ts';

/** What people call it: its name, else its street, else its town. */
export const placeName = (place: PlaceAddressFragment): string =>
  place.description || place.street || place.locality || '';

/** The lines below the name. */
export function addressLines(place: PlaceAddressFragment): string[] {
  const town = [place.postalCode, place.locality].filter(Boolean).join(' ');
  const name = placeName(place);
  return [place.street ?? '', town].filter((line) => line && line !== name);
}

export interface Point {
  latitude: number;
  longitude: number;
}

/** The API writes "longitude;latitude". */
export function pointOf(geom: string | null | undefined): Point | undefined {
  const [longitude, latitude] = (geom ?? '').split(';').map(Number);
  if (longitude === undefined || latitude === undefined) return undefined;
  return Number.isFinite(longitude) && Number.isFinite(latitude) && geom
    ? { latitude, longitude }
    : undefined;
}

/** A page of OpenStreetMap: a link to follow, nothing is asked of it before. */
export function mapLink(place: PlaceAddressFragment): string | undefined {
  const point = pointOf(place.geom);
  if (point) {
    const { latitude, longitude } = point;
    return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
  }
  const words = [place.street, place.postalCode, place.locality].filter(Boolean).join(' ');
  return words && `https://www.openstreetmap.org/search?query=${encodeURIComponent(words)}`;
}
