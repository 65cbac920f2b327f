from workflows.processes import model as model
