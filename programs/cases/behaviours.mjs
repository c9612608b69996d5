export const behaviours = [];
