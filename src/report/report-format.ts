/** The name and version of the report's format. */
export const REPORT_FORMAT = 'signed-promote/report/v1'
