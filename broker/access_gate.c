#include "broker/access_gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct access_shared {
    struct access *access;
    unsigned users; /* views, and the gate for the one in force; under its lock */
};

struct access_gate {
    pthread_mutex_t lock;
    _Atomic(struct access_shared *) current;
    atomic_bool has_note;
    struct access_note note;
};

static struct access_shared *share(struct access *access)
{
    struct access_shared *shared = malloc(sizeof *shared);
    if (shared)
        *shared = (struct access_shared){access, 1};
    else
        access_free(&access);
    return shared;
}

/* The lock is held. */
static void leave(struct access_shared *shared)
{
    if (!shared || --shared->users > 0)
        return;
    access_free(&shared->access);
    free(shared);
}

struct access_gate *access_gate_new(struct access *access)
{
    struct access_shared *shared = share(access);
    struct access_gate *gate = shared ? calloc(1, sizeof *gate) : NULL;
    if (!gate) {
        leave(shared);
        return NULL;
    }
    pthread_mutex_init(&gate->lock, NULL);
    atomic_init(&gate->current, shared);
    return gate;
}

void access_gate_free(struct access_gate **gate)
{
    if (!*gate)
        return;
    leave(atomic_load(&(*gate)->current));
    pthread_mutex_destroy(&(*gate)->lock);
    free(*gate);
    *gate = NULL;
}

bool access_gate_replace(struct access_gate *gate, struct access *access)
{
    struct access_shared *shared = share(access);
    if (!shared)
        return false;
    pthread_mutex_lock(&gate->lock);
    leave(atomic_exchange(&gate->current, shared));
    pthread_mutex_unlock(&gate->lock);
    return true;
}

size_t access_gate_count(struct access_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    size_t count = access_count(atomic_load(&gate->current)->access);
    pthread_mutex_unlock(&gate->lock);
    return count;
}

static void put(char *out, struct span text)
{
    size_t len = text.len < ACCESS_NOTE_MAX ? text.len : ACCESS_NOTE_MAX;
    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}

void access_gate_put_note(struct access_gate *gate, const char *file, struct span error)
{
    pthread_mutex_lock(&gate->lock);
    put(gate->note.file, span_of_str(file));
    put(gate->note.error, error);
    gate->has_note = true;
    pthread_mutex_unlock(&gate->lock);
}

bool access_gate_take_note(struct access_gate *gate, struct access_note *note)
{
    if (!atomic_load(&gate->has_note))
        return false;
    pthread_mutex_lock(&gate->lock);
    *note = gate->note;
    gate->has_note = false;
    pthread_mutex_unlock(&gate->lock);
    return true;
}

bool access_view_refresh(struct access_view *view)
{
    /* the address of a table that a view is in is not given to another one */
    if (!view->gate || atomic_load(&view->gate->current) == view->shared)
        return false;
    pthread_mutex_lock(&view->gate->lock);
    leave(view->shared);
    view->shared = atomic_load(&view->gate->current);
    view->shared->users++;
    view->table = view->shared->access;
    pthread_mutex_unlock(&view->gate->lock);
    return true;
}

void access_view_end(struct access_view *view)
{
    if (!view->shared)
        return;
    pthread_mutex_lock(&view->gate->lock);
    leave(view->shared);
    pthread_mutex_unlock(&view->gate->lock);
    *view = (struct access_view){.gate = NULL};
}
