// What the command may use of the cluster. Loaded with --nats alone.
export { Cluster, type ClusterOptions } from './cluster.ts';
export { ClusterError } from './errors.ts';
