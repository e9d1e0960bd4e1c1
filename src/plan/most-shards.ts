/** As many parts as a plan is cut into at most: the jobs that one matrix of GitHub's may have. */
export const MOST_SHARDS = 256
