// What the command may use of the cluster. Loaded with --nats alone.
export { Cluster, ClusterError, type ClusterOptions } from './cluster.ts';
