// Stands for clients of services that the task never calls (installed/absent-clients.ts).
